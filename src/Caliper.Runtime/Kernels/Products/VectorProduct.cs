using System.Runtime.CompilerServices;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Kernels.Products;

/// <summary>
/// Tiles of rows and columns stay in registers while everything that is summed over passes by. With b′ = b − 128, which is
/// signed, and z_b′ = z_b − 128: <c>Σ (a − z_a)·(b − z_b) = Σ a·b′ − z_a·Σ b′ + n·z_a·z_b′ − z_b′·Σ a</c>. The last term belongs to the
/// row, those before it to the column: sums begin with them. A part may be beyond 32 bits, which wrap, as the whole is not. A unit is 64 rows.
/// </summary>
internal sealed unsafe class VectorProduct<TDot, TVector> : ProductKernel where TDot : struct, IDotProduct<TVector> where TVector : unmanaged
{
    private const int RowsTogether = SumTile<TDot, TVector>.Rows, Vectors = SumTile<TDot, TVector>.Vectors, RowsOfUnit = 60;

    private static readonly int Lanes = sizeof(TVector) / sizeof(int);
    private static readonly int StepsOfQuad = 4 / TDot.InputsOfStep;

    private readonly int _blocks, _wide, _deep, _quads, _distance;
    private readonly MatrixStrides _a;

    private VectorProduct(string name, ProductLayer layer) : base(layer)
    {
        Name = name;
        _blocks = Sizes.CeilDiv(layer.Columns, Vectors * Lanes);
        (_wide, _deep) = (_blocks * Vectors * Lanes, Sizes.RoundUp(layer.Inner, 64));
        (_quads, _distance, _a) = (Sizes.CeilDiv(layer.Inner, 4), StepsOfQuad * _deep, layer.A);
    }

    public static KernelEntry<ProductMaker> Entry(string name, KernelSet set, Func<string?> whyNot) =>
        new(name, set, whyNot, (layer, _) => new VectorProduct<TDot, TVector>(name, layer));

    public override string Name { get; }

    public override int Units => Sizes.CeilDiv(Layer.Rows, RowsOfUnit);

    // The packed matrix; then a row as it is, a tile's as they are spread, their sums, and what sums begin with.
    public override int ScratchBytes => checked(
        (int)(_blocks * BlockBytes) + _deep + RowsTogether * _distance + (RowsTogether + 1) * _wide * sizeof(int));

    private long BlockBytes => (long)_quads * StepsOfQuad * Vectors * sizeof(TVector);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in ProductOperands operands, int unitStart, int unitEnd)
    {
        var packed = (sbyte*)operands.Scratch;
        var bytes = (byte*)packed + _blocks * BlockBytes;
        var rows = bytes + _deep;
        var sums = (int*)(rows + RowsTogether * _distance);
        var corrections = sums + RowsTogether * _wide;
        for (var v = 0; v < _blocks * Vectors; v++)
            Pack(operands.B, v, packed + v / Vectors * BlockBytes + v % Vectors * sizeof(TVector), corrections + v * Lanes);

        var zeroB = Layer.Form.ZeroB - 128;
        var own = stackalloc int[RowsTogether];
        var last = Math.Min(Layer.Rows, unitEnd * RowsOfUnit);
        for (var row = unitStart * RowsOfUnit; row < last; row += RowsTogether)
        {
            var count = Math.Min(RowsTogether, last - row);
            for (var r = 0; r < count; r++)
            {
                var sum = ProductPacking.Row(operands.A + (row + r) * _a.Row, _a.Column, Layer.Inner, bytes, _deep);
                TDot.Spread(bytes, _deep, rows + r * _distance);
                own[r] = unchecked(-zeroB * (sum - TDot.InputShift * Layer.Inner));
            }
            for (var block = 0; block < _blocks; block++)
            {
                var column = block * Vectors * Lanes;
                SumTile<TDot, TVector>.Run(count, new TileOperands
                {
                    Inputs = rows,
                    InputDistance = _distance,
                    Weights = packed + block * BlockBytes,
                    Steps = _quads * StepsOfQuad,
                    Start = corrections + column,
                }, sums + column, _wide);
            }
            for (var r = 0; r < count; r++) Finish(operands.Output, row + r, sums + r * _wide, own[r]);
        }
    }

    /// <summary>Packs a vector of columns, all quads of it, and reckons what its sums begin with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack(byte* matrix, int vector, sbyte* packed, int* corrections)
    {
        var (strides, inner, form) = (Layer.B, Layer.Inner, Layer.Form);
        var lanes = Math.Clamp(Layer.Columns - vector * Lanes, 0, Lanes);
        var quads = stackalloc uint[ProductPacking.QuadsOfTile * Lanes];
        new Span<uint>(quads, ProductPacking.QuadsOfTile * Lanes).Clear();
        // Inputs that count as 1 once the instruction has taken its shift.
        byte* four = stackalloc byte[32], ones = stackalloc byte[64];
        new Span<byte>(four, 32).Fill((byte)(1 + TDot.InputShift));
        TDot.Spread(four, 32, ones);
        var one = TDot.Inputs(ones);
        TVector sum = default;
        var start = matrix + vector * Lanes * strides.Column;
        for (var first = 0; first < _quads; first += ProductPacking.QuadsOfTile)
        {
            ProductPacking.Tile(start + 4 * first * strides.Row, strides, inner - 4 * first, lanes, quads, Lanes);
            for (var q = 0; q < Math.Min(ProductPacking.QuadsOfTile, _quads - first); q++)
            {
                TDot.Pack(new ReadOnlySpan<sbyte>(quads + q * Lanes, 4 * Lanes), packed, Vectors * sizeof(TVector));
                for (var step = 0; step < StepsOfQuad; step++, packed += Vectors * sizeof(TVector)) sum = TDot.Step(sum, one, TDot.Load(packed));
            }
        }
        TDot.Store(sum, corrections);
        var (zeroA, zeroB) = (form.ZeroA - TDot.InputShift, form.ZeroB - 128);
        for (var lane = 0; lane < Lanes; lane++) corrections[lane] = unchecked(inner * zeroA * zeroB - zeroA * corrections[lane]);
    }
}
