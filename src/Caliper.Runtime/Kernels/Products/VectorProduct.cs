using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Kernels.Products;

/// <summary>
/// Four rows times two vectors of columns stay in registers while everything that is summed over passes by. With b′ = b − 128, which is
/// signed, and z_b′ = z_b − 128: <c>Σ (a − z_a)·(b − z_b) = Σ a·b′ − z_a·Σ b′ + n·z_a·z_b′ − z_b′·Σ a</c>. The last term belongs to the
/// row, those before it to the column: sums begin with them. A part may be beyond 32 bits, which wrap, as the whole is not. A unit is 64 rows.
/// </summary>
internal sealed unsafe class VectorProduct<TDot, TVector> : ProductKernel where TDot : struct, IDotProduct<TVector> where TVector : unmanaged
{
    private const int RowsTogether = 4, RowsOfUnit = 64;

    private static readonly int Lanes = sizeof(TVector) / sizeof(int);

    private readonly int _vectors, _wide, _deep, _quads;
    private readonly MatrixStrides _a;

    private VectorProduct(string name, ProductLayer layer) : base(layer)
    {
        Name = name;
        _vectors = Sizes.RoundUp(layer.Columns, 2 * Lanes) / Lanes;
        (_wide, _deep, _quads, _a) = (_vectors * Lanes, Sizes.RoundUp(layer.Inner, 64), Sizes.CeilDiv(layer.Inner, 4), layer.A);
    }

    public static KernelEntry<ProductMaker> Entry(string name, KernelSet set, Func<string?> whyNot) =>
        new(name, set, whyNot, (layer, _) => new VectorProduct<TDot, TVector>(name, layer));

    public override string Name { get; }

    public override int Units => Sizes.CeilDiv(Layer.Rows, RowsOfUnit);

    // The packed matrix; then four rows of operands, four of sums, and what sums begin with.
    public override int ScratchBytes => checked((int)PackedBytes + RowsTogether * _deep + (RowsTogether + 1) * _wide * sizeof(int));

    private long PackedBytes => (long)_vectors * _quads * TDot.PackedBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in ProductOperands operands, int unitStart, int unitEnd)
    {
        var packed = (sbyte*)operands.Scratch;
        var rows = (byte*)packed + PackedBytes;
        var sums = (int*)(rows + RowsTogether * _deep);
        var corrections = sums + RowsTogether * _wide;
        for (var v = 0; v < _vectors; v++) Pack(operands.B, v, packed + (long)v * _quads * TDot.PackedBytes, corrections + v * Lanes);

        var zeroB = Layer.Form.ZeroB - 128;
        var own = stackalloc int[RowsTogether];
        var last = Math.Min(Layer.Rows, unitEnd * RowsOfUnit);
        for (var row = unitStart * RowsOfUnit; row < last; row += RowsTogether)
        {
            var count = Math.Min(RowsTogether, last - row);
            for (var r = 0; r < RowsTogether; r++)
            {
                // Rows that are not there are computed as the last one, and not written.
                var sum = Copy(operands.A + (row + Math.Min(r, count - 1)) * _a.Row, rows + r * _deep);
                own[r] = unchecked(-zeroB * (sum - TDot.InputShift * Layer.Inner));
            }
            for (var v = 0; v < _vectors; v += 2)
                Tile(rows, packed + (long)v * _quads * TDot.PackedBytes, corrections + v * Lanes, sums + v * Lanes);
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
        // Bytes that count as 1 once the instruction has taken its shift.
        var ones = (uint)(1 + TDot.InputShift) * 0x01010101;
        TVector sum = default;
        var start = matrix + vector * Lanes * strides.Column;
        for (var first = 0; first < _quads; first += ProductPacking.QuadsOfTile)
        {
            ProductPacking.Tile(start + 4 * first * strides.Row, strides, inner - 4 * first, lanes, quads, Lanes);
            for (var q = 0; q < Math.Min(ProductPacking.QuadsOfTile, _quads - first); q++, packed += TDot.PackedBytes)
            {
                TDot.Pack(new ReadOnlySpan<sbyte>(quads + q * Lanes, 4 * Lanes), packed);
                sum = TDot.Step(sum, (byte*)&ones, packed);
            }
        }
        TDot.Store(sum, corrections);
        var (zeroA, zeroB) = (form.ZeroA - TDot.InputShift, form.ZeroB - 128);
        for (var lane = 0; lane < Lanes; lane++) corrections[lane] = unchecked(inner * zeroA * zeroB - zeroA * corrections[lane]);
    }

    /// <summary>A row, one byte after the other and then zeros; returns the sum of its bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Copy(byte* source, byte* row)
    {
        var (count, step) = (Layer.Inner, _a.Column);
        if (step == 1) Unsafe.CopyBlockUnaligned(row, source, (uint)count);
        else for (var i = 0; i < count; i++) row[i] = source[i * step];
        new Span<byte>(row + count, _deep - count).Clear();
        var words = Vector256<uint>.Zero;
        for (var i = 0; i < _deep; i += 32)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(row + i));
            var (a, b) = Vector256.Widen(low + high);
            words += a + b;
        }
        return (int)Vector256.Sum(words);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Tile(byte* rows, sbyte* packed, int* corrections, int* sums)
    {
        var (deep, wide) = (_deep, _wide);
        TVector a0 = TDot.Load(corrections), a1 = TDot.Load(corrections + Lanes);
        TVector b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1;
        var second = packed + (long)_quads * TDot.PackedBytes;
        byte* b = rows + deep, c = rows + 2 * deep, d = rows + 3 * deep;
        for (var q = 0; q < _quads; q++, packed += TDot.PackedBytes, second += TDot.PackedBytes)
        {
            a0 = TDot.Step(a0, rows + 4 * q, packed);
            a1 = TDot.Step(a1, rows + 4 * q, second);
            b0 = TDot.Step(b0, b + 4 * q, packed);
            b1 = TDot.Step(b1, b + 4 * q, second);
            c0 = TDot.Step(c0, c + 4 * q, packed);
            c1 = TDot.Step(c1, c + 4 * q, second);
            d0 = TDot.Step(d0, d + 4 * q, packed);
            d1 = TDot.Step(d1, d + 4 * q, second);
        }
        TDot.Store(a0, sums);
        TDot.Store(a1, sums + Lanes);
        TDot.Store(b0, sums + wide);
        TDot.Store(b1, sums + wide + Lanes);
        TDot.Store(c0, sums + 2 * wide);
        TDot.Store(c1, sums + 2 * wide + Lanes);
        TDot.Store(d0, sums + 3 * wide);
        TDot.Store(d1, sums + 3 * wide + Lanes);
    }
}
