using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;
using Caliper.Kernels;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Elementwise;
using Caliper.Kernels.Words;

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
    private readonly TileTarget? _low;
    private readonly FloatProgram _program;
    private readonly FusedKernel? _fused;
    private readonly KernelSet _set;
    private readonly MapRun?[] _maps;
    private readonly ZipRun?[] _zips;
    private readonly KernelEntry<QuantizeKernel> _quantize;
    private readonly KernelEntry<SplitKernel> _split;
    private readonly StepProducts _steps;
    private readonly int[] _tiles;
    private readonly int _tileCount;

    /// <summary>Plans a program.</summary>
    /// <param name="shape">The result's.</param>
    /// <param name="operands">One for each input of the program.</param>
    /// <param name="target">The result, or the upper bytes of words.</param>
    /// <param name="program">What is computed.</param>
    /// <param name="factory">Which kernels to take, and what keeps code.</param>
    /// <param name="low">The lower bytes of words.</param>
    public TileStep(int[] shape, TileOperand[] operands, TileTarget target, FloatProgram program, StepFactory factory, TileTarget? low = null)
    {
        Check(operands, target, low, program);
        var set = factory.Kernels;
        (_operands, _target, _low, _program, _set) = (operands, target, low, program, set);
        if (ProgramRecording.Of(program) is { } recorded) _fused = FusedKernel.Create(recorded, factory.Resources, set);
        if (_fused is null && program.Result is { } integers) _steps = integers.Steps;
        TileTarget[] targets = low is null ? [target] : [target, low];
        int[] sizes = [target.ElementSize, .. operands.Select(o => o.ElementSize), .. targets.Skip(1).Select(t => t.ElementSize)];
        _walk = TileWalk.Of(shape, sizes, [target.Strides, .. operands.Select(o => o.Strides), .. targets.Skip(1).Select(t => t.Strides)]);
        _maps = [.. program.Calls.Select(c => c.One?.For(set))];
        _zips = [.. program.Calls.Select(c => c.Two?.For(set))];
        (_quantize, _split) = (QuantizeKernels.All.Choose(set), SplitKernels.All.Choose(set));
        (_tiles, _tileCount) = Places(operands.Length, program.Calls);
    }

    public override string Kernel => _fused is not null ? "assembled"
        : _program.Calls.Length > 0 || _program.Result is null ? FloatVectors.NameFor(_set)
        : _low is null ? _quantize.Name : _split.Name;

    public override int Units => _walk.Count;

    // A tile of floats for each input and result, and one of bytes, or of both halves of words.
    public override int ScratchBytes => checked(_tileCount * TileBytes + 2 * TileWalk.MostElements);

    public override IEnumerable<Extent> Extents =>
    [
        Extent.Writes(_target.Place, _walk.Span(0, _target.ElementSize)),
        .. _operands.Select((o, i) => Extent.Reads(o.Place, _walk.Span(i + 1, o.ElementSize))),
        .. _low is null ? [] : new[] { Extent.Writes(_low.Place, _walk.Span(_operands.Length + 1, 1)) },
    ];

    public override IEnumerable<ConstantReach> Constants =>
    [
        .. _operands.Where(o => o.Input.Table is not null).Select(o => new ConstantReach("table", byte.MaxValue + 1, o.Input.Table!.Length)),
        .. _fused is { } fused ? new[] { fused.Constants } : [],
    ];

    private const int TileBytes = TileWalk.MostElements * sizeof(float);

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[FloatProgram.MostInputs + 2];
        Span<(long Offset, int Rows, int Columns)> loaded = stackalloc (long, int, int)[FloatProgram.MostInputs];
        var tiles = stackalloc float*[FloatProgram.MostInputs + FloatProgram.MostCalls];
        for (var i = 0; i < _tiles.Length; i++) tiles[i] = TileOf(context, i);
        loaded.Fill((long.MinValue, 0, 0));
        offsets = offsets[..(_operands.Length + (_low is null ? 1 : 2))];
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (rows, columns) = _walk.Tile(unit, offsets);
            for (var i = 0; i < _operands.Length; i++)
            {
                // A row that all tiles repeat is there already, as often as the tallest of them needed it.
                var isThere = loaded[i].Offset == offsets[i + 1] && loaded[i].Rows >= rows && loaded[i].Columns == columns;
                if (_walk.RowStrides[i + 1] == 0 && isThere) continue;
                loaded[i] = (offsets[i + 1], rows, columns);
                tiles[i] = Loaded(context, i, offsets[i + 1], rows, columns);
            }
            if (_fused is not null)
            {
                RunFused(context, tiles, offsets, rows, columns);
                continue;
            }
            var isInPlace = _program is { Result: null, Calls.Length: > 0 } && AreSideBySide(0, rows, columns);
            if (_program.Calls.Length > 0)
                tiles[_tiles.Length - 1] = isInPlace ? (float*)(context.At(_target.Place) + offsets[0]) : TileOf(context, _tiles.Length - 1);
            for (var i = 0; i < _program.Calls.Length; i++) Call(tiles, i, rows * columns);
            if (isInPlace) continue;
            var result = tiles[_program.Calls.Length == 0 ? 0 : _tiles.Length - 1];
            if (_low is null) Store(context, result, offsets[0], rows, columns);
            else StoreWords(context, result, offsets[0], offsets[^1], rows, columns);
        }
    }

    /// <summary>All functions at once; what is written goes where it belongs at once where that is side by side.</summary>
    private void RunFused(in StepContext context, float** tiles, ReadOnlySpan<long> offsets, int rows, int columns)
    {
        var call = default(FusedCall);
        for (var i = 0; i < _operands.Length; i++) call.Inputs[i] = (long)tiles[i];
        var target = context.At(_target.Place) + offsets[0];
        var shape = new TileShape(rows, columns, _walk.RowStrides[0], _walk.ColumnStrides[0]);
        var isWide = _program.Result is null;
        var isTogether = isWide ? AreSideBySide(0, rows, columns) : shape.AreBytesTogether;
        call.Output = isTogether ? target : isWide ? (byte*)TileOf(context, _tiles.Length - 1) : Bytes(context);
        if (_low is null)
        {
            _fused!.Run(ref call, shape.Count);
            if (!isTogether && isWide) FloatTile.StoreFloats((float*)call.Output, target, shape);
            else if (!isTogether) FloatTile.Spread(call.Output, target, shape);
            return;
        }
        var last = _operands.Length + 1;
        var lowTarget = context.At(_low.Place) + offsets[^1];
        var lowShape = new TileShape(rows, columns, _walk.RowStrides[last], _walk.ColumnStrides[last]);
        call.LowOutput = lowShape.AreBytesTogether ? lowTarget : Bytes(context) + TileWalk.MostElements;
        _fused!.Run(ref call, shape.Count);
        if (!isTogether) FloatTile.Spread(call.Output, target, shape);
        if (call.LowOutput != lowTarget) FloatTile.Spread(call.LowOutput, lowTarget, lowShape);
    }

    /// <summary>Where a tile of an operand is: floats that lie as they are wanted stay where they are.</summary>
    private float* Loaded(in StepContext context, int operand, long offset, int rows, int columns)
    {
        var own = _operands[operand];
        var from = context.At(own.Place) + offset;
        if (own.Input.Scale is null && AreSideBySide(operand + 1, rows, columns)) return (float*)from;
        var to = TileOf(context, operand);
        var shape = new TileShape(rows, columns, _walk.RowStrides[operand + 1], _walk.ColumnStrides[operand + 1]);
        if (_fused is not null && ProgramRecording.ReadsBytes(own.Input)) return (float*)FloatTile.LoadPlain(from, shape, (byte*)to);
        if (own.Input.Scale is { } scale) FloatTile.LoadBytes(from, shape, scale, own.Input.Table, to, Bytes(context), _set);
        else FloatTile.LoadFloats(from, shape, to);
        return to;
    }

    private bool AreSideBySide(int tensor, int rows, int columns) => (_walk.ColumnStrides[tensor] == sizeof(float) || columns == 1 && rows == 1)
        && (rows == 1 || _walk.RowStrides[tensor] == (long)columns * sizeof(float));

    private void Call(float** tiles, int index, int count)
    {
        var call = _program.Calls[index];
        var to = tiles[_operands.Length + index];
        if (_maps[index] is { } map) map(tiles[call.A], to, count);
        else _zips[index]!(tiles[call.A], tiles[call.B], to, count);
    }

    private void StoreWords(in StepContext context, float* from, long offset, long lowOffset, int rows, int columns)
    {
        var high = Bytes(context);
        var low = high + TileWalk.MostElements;
        _split.Run(from, rows * columns, high, low, _steps);
        var (last, rowStrides, columnStrides) = (_operands.Length + 1, _walk.RowStrides, _walk.ColumnStrides);
        FloatTile.Spread(high, context.At(_target.Place) + offset, new(rows, columns, rowStrides[0], columnStrides[0]));
        FloatTile.Spread(low, context.At(_low!.Place) + lowOffset, new(rows, columns, rowStrides[last], columnStrides[last]));
    }

    private void Store(in StepContext context, float* from, long offset, int rows, int columns)
    {
        var shape = new TileShape(rows, columns, _walk.RowStrides[0], _walk.ColumnStrides[0]);
        var to = context.At(_target.Place) + offset;
        if (_program.Result is { } result) FloatTile.StoreBytes(from, to, shape, _quantize.Run, _steps, result.Range, Bytes(context));
        else FloatTile.StoreFloats(from, to, shape);
    }

    private float* TileOf(in StepContext context, int index) => (float*)(context.Scratch + _tiles[index] * TileBytes);

    private byte* Bytes(in StepContext context) => context.Scratch + _tileCount * TileBytes;

    private static void Check(TileOperand[] operands, TileTarget target, TileTarget? low, FloatProgram program)
    {
        if (operands.Length != program.Inputs.Length || operands.Length is 0 or > FloatProgram.MostInputs)
            throw new ArgumentException($"A program of {program.Inputs.Length} inputs was given {operands.Length}.");
        if (target.ElementSize != (program.Result is null ? sizeof(float) : 1)
            || operands.Any(o => o.ElementSize != (o.Input.Scale is null ? sizeof(float) : 1)))
            throw new ArgumentException("A program computes with bytes that have a scale, and with floats.");
        if (low is null != program.Result?.Words is null || low is { ElementSize: not 1 })
            throw new ArgumentException("A result of words is written as upper and lower bytes.");
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
