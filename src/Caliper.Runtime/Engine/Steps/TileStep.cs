using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;
using Caliper.Kernels;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Steps;

/// <summary>A tensor that is read tile by tile.</summary>
/// <param name="Place">Its first element.</param>
/// <param name="ElementSize">1 or 4 bytes.</param>
/// <param name="Strides">Bytes along each axis of the output; 0 where it is repeated.</param>
/// <param name="Input">What its elements stand for.</param>
internal sealed record TileOperand(Place Place, int ElementSize, long[] Strides, TileInput Input);

/// <summary>The tensor that is written.</summary>
internal sealed record TileTarget(Place Place, int ElementSize, long[] Strides);

/// <summary>
/// A program of floats, tile by tile: bytes and floats of any layout are fetched into tiles, functions run over those, and the result
/// is put where it belongs. Without functions it changes the layout, quantizes or dequantizes.
/// </summary>
internal sealed unsafe class TileStep : Step
{
    private readonly TileWalk _walk;
    private readonly TileOperand[] _operands;
    private readonly TileTarget _target;
    private readonly FloatProgram _program;
    private readonly KernelSet _set;
    private readonly MapRun?[] _maps;
    private readonly ZipRun?[] _zips;
    private readonly KernelEntry<QuantizeKernel> _quantize;
    private readonly int[] _tiles;
    private readonly int _tileCount;

    public TileStep(int[] shape, TileOperand[] operands, TileTarget target, FloatProgram program, KernelSet set)
    {
        Check(operands, target, program);
        (_operands, _target, _program, _set) = (operands, target, program, set);
        int[] sizes = [target.ElementSize, .. operands.Select(o => o.ElementSize)];
        _walk = TileWalk.Of(shape, sizes, [target.Strides, .. operands.Select(o => o.Strides)]);
        _maps = [.. program.Calls.Select(c => c.One?.For(set))];
        _zips = [.. program.Calls.Select(c => c.Two?.For(set))];
        _quantize = QuantizeKernels.All.Choose(set);
        (_tiles, _tileCount) = Places(operands.Length, program.Calls);
    }

    public override string Kernel => _program.Calls.Length > 0 || _program.Result is null ? FloatVectors.NameFor(_set) : _quantize.Name;

    public override int Units => _walk.Count;

    // A tile of floats for each input and result, and one of bytes.
    public override int ScratchBytes => checked(_tileCount * TileBytes + TileWalk.MostElements);

    public override IEnumerable<Extent> Extents =>
    [
        Extent.Writes(_target.Place, _walk.Span(0, _target.ElementSize)),
        .. _operands.Select((o, i) => Extent.Reads(o.Place, _walk.Span(i + 1, o.ElementSize))),
    ];

    private const int TileBytes = TileWalk.MostElements * sizeof(float);

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[FloatProgram.MostInputs + 1];
        Span<(long Offset, int Rows, int Columns)> loaded = stackalloc (long, int, int)[FloatProgram.MostInputs];
        loaded.Fill((long.MinValue, 0, 0));
        offsets = offsets[..(_operands.Length + 1)];
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (rows, columns) = _walk.Tile(unit, offsets);
            for (var i = 0; i < _operands.Length; i++)
            {
                // A row that all tiles repeat is there already.
                if (_walk.RowStrides[i + 1] == 0 && loaded[i] == (offsets[i + 1], rows, columns)) continue;
                loaded[i] = (offsets[i + 1], rows, columns);
                Load(context, i, offsets[i + 1], rows, columns);
            }
            for (var i = 0; i < _program.Calls.Length; i++) Call(context, i, rows * columns);
            Store(context, offsets[0], rows, columns);
        }
    }

    private void Load(in StepContext context, int operand, long offset, int rows, int columns)
    {
        var own = _operands[operand];
        var to = TileOf(context, operand);
        var shape = new TileShape(rows, columns, _walk.RowStrides[operand + 1], _walk.ColumnStrides[operand + 1]);
        var from = context.At(own.Place) + offset;
        if (own.Input.Scale is { } scale) FloatTile.LoadBytes(from, shape, scale, own.Input.Table, to, Bytes(context), _set);
        else FloatTile.LoadFloats(from, shape, to);
    }

    private void Call(in StepContext context, int index, int count)
    {
        var call = _program.Calls[index];
        var to = TileOf(context, _operands.Length + index);
        var a = TileOf(context, call.A);
        if (_maps[index] is { } map) map(a, to, count);
        else _zips[index]!(a, TileOf(context, call.B), to, count);
    }

    private void Store(in StepContext context, long offset, int rows, int columns)
    {
        var from = TileOf(context, _program.Calls.Length == 0 ? 0 : _operands.Length + _program.Calls.Length - 1);
        var shape = new TileShape(rows, columns, _walk.RowStrides[0], _walk.ColumnStrides[0]);
        var to = context.At(_target.Place) + offset;
        if (_program.Result is { } result) FloatTile.StoreBytes(from, to, shape, _quantize.Run, result.Scale, result.Range, Bytes(context));
        else FloatTile.StoreFloats(from, to, shape);
    }

    private float* TileOf(in StepContext context, int index) => (float*)(context.Scratch + _tiles[index] * TileBytes);

    private byte* Bytes(in StepContext context) => context.Scratch + _tileCount * TileBytes;

    private static void Check(TileOperand[] operands, TileTarget target, FloatProgram program)
    {
        if (operands.Length != program.Inputs.Length || operands.Length is 0 or > FloatProgram.MostInputs)
            throw new ArgumentException($"A program of {program.Inputs.Length} inputs was given {operands.Length}.");
        if (target.ElementSize != (program.Result is null ? sizeof(float) : 1)
            || operands.Any(o => o.ElementSize != (o.Input.Scale is null ? sizeof(float) : 1)))
            throw new ArgumentException("A program computes with bytes that have a scale, and with floats.");
        for (var i = 0; i < program.Calls.Length; i++)
            if (Math.Max(program.Calls[i].A, program.Calls[i].B) >= operands.Length + i || program.Calls[i].A < 0)
                throw new ArgumentException("A function is called before its operand is there.");
    }

    /// <summary>A tile for each input, which stays there, and for each result one that nobody reads any more.</summary>
    private static (int[] Tiles, int Count) Places(int inputs, FloatCall[] calls)
    {
        var tiles = new int[inputs + calls.Length];
        var count = inputs;
        for (var i = 0; i < inputs; i++) tiles[i] = i;
        for (var i = 0; i < calls.Length; i++)
        {
            // A function may write over its operand, element by element.
            var busy = Enumerable.Range(inputs, i).Where(v => calls.Skip(i + 1).Any(c => c.A == v || c.B == v)).Select(v => tiles[v]).ToHashSet();
            var free = Enumerable.Range(inputs, count - inputs).FirstOrDefault(t => !busy.Contains(t), -1);
            tiles[inputs + i] = free >= 0 ? free : count++;
        }
        return (tiles, count);
    }
}
