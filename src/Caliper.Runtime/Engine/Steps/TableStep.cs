using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Steps;

/// <summary>Looks bytes up in a table.</summary>
internal sealed unsafe class TableStep : Step
{
    private readonly StridedWalk _walk;
    private readonly Place _input;
    private readonly Place _output;
    private readonly NativeBuffer _table;
    private readonly KernelEntry<TableKernel> _kernel;

    public TableStep(StridedWalk walk, Place input, Place output, byte[] table, StepFactory factory)
    {
        (_walk, _input, _output) = (walk, input, output);
        _table = factory.Resources.Own(new NativeBuffer(256));
        if (table.Length != 256) throw new ArgumentException($"A table has an entry for each of 256 bytes, not {table.Length}.");
        table.CopyTo(_table.Span<byte>());
        _kernel = TableKernels.All.Choose(factory.Kernels);
    }

    public override string Kernel => _kernel.Name;

    public override long WeightBytes => 256;

    public override int Units => _walk.Count;

    public override IEnumerable<Extent> Extents => [Extent.Writes(_output, _walk.Span(0, 1)), Extent.Reads(_input, _walk.Span(1, 1))];

    public override IEnumerable<ConstantReach> Constants => [ConstantReach.Of("table", _table, byte.MaxValue + 1)];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[2];
        var isRun = _walk.RunStrides is [1, 1];
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var count = _walk.Run(unit, offsets);
            var output = context.At(_output) + offsets[0];
            var input = context.At(_input) + offsets[1];
            if (isRun) _kernel.Run(input, output, count, _table.Start);
            else
                for (var i = 0; i < count; i++) output[i * _walk.RunStrides[0]] = _table.Start[input[i * _walk.RunStrides[1]]];
        }
    }
}
