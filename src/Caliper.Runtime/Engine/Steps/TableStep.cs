using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Steps;

/// <summary>Looks bytes up in a table.</summary>
internal sealed unsafe class TableStep : Step
{
    private readonly ColumnWalk _walk;
    private readonly Place _input;
    private readonly Place _output;
    private readonly NativeBuffer _table;
    private readonly KernelEntry<TableKernel> _kernel;

    public TableStep(ColumnWalk walk, Place input, Place output, byte[] table, StepFactory factory)
    {
        (_walk, _input, _output) = (walk, input, output);
        _table = factory.Resources.Own(new NativeBuffer(256));
        if (table.Length != 256) throw new ArgumentException($"A table has an entry for each of 256 bytes, not {table.Length}.");
        table.CopyTo(_table.Span<byte>());
        _kernel = TableKernels.All.Choose(factory.Kernels);
    }

    public override string Kernel => _kernel.Name;

    public override long WeightBytes => 256;

    public override int Units => _walk.Rows.Count;

    public override IEnumerable<Extent> Extents => [Extent.Writes(_output, _walk.Span(0)), Extent.Reads(_input, _walk.Span(1))];

    public override IEnumerable<ConstantReach> Constants => [ConstantReach.Of("table", _table, byte.MaxValue + 1)];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[2];
        var (stepOut, stepIn) = (_walk.Rows.RunStrides[0], _walk.Rows.RunStrides[1]);
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var count = _walk.Rows.Run(unit, offsets);
            var output = context.At(_output) + offsets[0];
            var input = context.At(_input) + offsets[1];
            if (_walk.Bytes > 1) RunColumns(input, stepIn, output, stepOut, count);
            else if (stepOut == 1 && stepIn == 1) _kernel.Run(input, output, count, _table.Start);
            else
                for (var i = 0; i < count; i++) output[i * stepOut] = _table.Start[input[i * stepIn]];
        }
    }

    private void RunColumns(byte* input, long stepIn, byte* output, long stepOut, int count)
    {
        var together = stackalloc byte[ColumnWalk.Piece];
        for (var first = 0; first < count; first += _walk.Together)
        {
            var columns = Math.Min(_walk.Together, count - first);
            ByteRows.Copy(input + first * stepIn, stepIn, together, _walk.Bytes, columns, _walk.Bytes);
            _kernel.Run(together, together, _walk.Filled(columns), _table.Start);
            ByteRows.Copy(together, _walk.Bytes, output + first * stepOut, stepOut, columns, _walk.Bytes);
        }
    }
}
