using Caliper.Assembly;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// Writes what happens to the sums of a tile: conversion to float, multiplication, rounding, the residual, saturation to
/// bytes, and the stores. Sums lie vector after vector of pixel after pixel.
/// </summary>
internal sealed class EpilogueCode(CodeWriter code, EpilogueForm form, BlockLayout layout, int channels)
{
    /// <summary>Points at the block whose multipliers are read.</summary>
    public const Register Block = Register.R8;

    /// <summary>Points at the layer's <see cref="LayerConstants"/>.</summary>
    public const Register Constants = Register.R11;

    /// <summary>The mask of the bytes, or of the lanes of the last vector, that exist in the last block of channels.</summary>
    public const Register Existing = Register.K1;

    /// <summary>The first of four registers that the epilogue uses beside the sums.</summary>
    public const int FirstRegister = CodeWriter.VectorCount - 4;

    private const int Order = FirstRegister;

    private readonly ResidualCode? _residual =
        form.HasResidual ? new ResidualCode(code, form, layout, channels < 16 * layout.Vectors) : null;

    /// <summary>The mask of 48 bytes, where a pixel has three vectors and a residual.</summary>
    public const Register First48 = Register.K2;

    /// <summary>The last vector of 16 channels, not all of which may exist.</summary>
    public int LastVector => (channels - 1) / 16;

    /// <summary>The mask of the lanes of a vector that exist, or none where all do.</summary>
    public Register MaskOf(int vector) => vector == LastVector && channels % 16 > 0 ? Existing : Register.None;

    private bool IsPartial => channels < 16 * layout.Vectors;

    private Register Mask => IsPartial ? Existing : Register.None;

    /// <summary>What a function does before its first tile.</summary>
    public void Prepare(Register scratch)
    {
        if (IsPartial) code.SetMask(Existing, form.IsWide ? channels - 16 * LastVector : channels, scratch);
        if (form.HasResidual && layout.Vectors == 3) code.SetMask(First48, 48, scratch);
    }

    /// <summary>Loads what <see cref="Write"/> keeps in the last registers, from <see cref="FirstRegister"/> on.</summary>
    public void LoadRegisters()
    {
        if (form.IsWide) return;
        if (LaneOrder.Length > 0) code.Load(Order, code.Constant(LaneOrder));
        _residual?.LoadRegisters();
    }

    /// <summary>Stores pixels.</summary>
    /// <param name="sums">The register of the first sums.</param>
    /// <param name="outputs">Where each pixel goes.</param>
    /// <param name="residuals">Where the other operand of each pixel lies.</param>
    public void Write(int sums, IReadOnlyList<Place> outputs, IReadOnlyList<Place> residuals)
    {
        if (form.IsWide) WriteLanes(sums, outputs);
        else if (layout.Vectors is 1 or 2) WritePixelsTogether(sums, outputs, residuals, 4 / layout.Vectors);
        else WritePixels(sums, outputs, residuals);
    }

    private ReadOnlySpan<byte> LaneOrder => LaneOrders.FromQuarters(layout.Vectors);

    private void WriteLanes(int sums, IReadOnlyList<Place> outputs)
    {
        for (var i = 0; i < outputs.Count * layout.Vectors; i++)
        {
            var (pixel, vector) = Math.DivRem(i, layout.Vectors);
            if (form.GivesFloat)
            {
                code.ToFloat(sums + i);
                code.Multiply(sums + i, new Place(Block, layout.Multipliers(vector)));
            }
            code.StoreLanes(outputs[pixel] + 64 * vector, sums + i, MaskOf(vector));
        }
    }

    /// <summary>Stores one pixel of lanes of four bytes, whose channels lie over four vectors as interleaving leaves them: quarter i of
    /// vector k holds channels 16 i + 4 k to 16 i + 4 k + 3. Quarters change places as the elements of a matrix that is transposed.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="first">The register of its first sums; the other three follow.</param>
    /// <param name="free">The first of four registers that are taken.</param>
    public void WriteSpreadLanes(Place output, int first, int free)
    {
        // Two bits for each quarter, the first lowest.
        const int LowerHalves = 0b01_00_01_00, UpperHalves = 0b11_10_11_10, Even = 0b10_00_10_00, Odd = 0b11_01_11_01;
        for (var vector = 0; vector < layout.Vectors && form.GivesFloat; vector++)
        {
            code.ToFloat(first + vector);
            code.Multiply(first + vector, new Place(Block, layout.Multipliers(vector)));
        }
        code.ShuffleQuarters(free, first, first + 1, LowerHalves);
        code.ShuffleQuarters(free + 1, first + 2, first + 3, LowerHalves);
        code.ShuffleQuarters(free + 2, first, first + 1, UpperHalves);
        code.ShuffleQuarters(free + 3, first + 2, first + 3, UpperHalves);
        for (var vector = 0; vector <= LastVector; vector++)
        {
            var from = free + 2 * (vector / 2);
            code.ShuffleQuarters(first, from, from + 1, vector % 2 == 0 ? Even : Odd);
            code.StoreLanes(output + 64 * vector, first, MaskOf(vector));
        }
    }

    /// <summary>Stores one pixel, of bytes without a residual.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="first">The register of its first sums; the others follow.</param>
    /// <param name="order">The register of the order in which fewer than four vectors come out of packing.</param>
    public void WritePixel(Place output, int first, int order)
    {
        Requantize(first);
        PackPixel(output, first, order);
    }

    // Three or four vectors a pixel.
    private void WritePixels(int sums, IReadOnlyList<Place> outputs, IReadOnlyList<Place> residuals)
    {
        for (var pixel = 0; pixel < outputs.Count; pixel++)
        {
            var first = sums + pixel * layout.Vectors;
            Finish(first, residuals, pixel);
            PackPixel(outputs[pixel], first, Order);
        }
    }

    // Of fewer than four vectors, packing leaves lanes of each quarter over.
    private void PackPixel(Place output, int first, int order)
    {
        var last = first + layout.Vectors - 1;
        code.PackToWords(first, first, Math.Min(first + 1, last));
        var second = layout.Vectors > 2 ? first + 1 : first;
        if (second != first) code.PackToWords(second, first + 2, last);
        Saturate(first, second);
        if (layout.Vectors < 4) code.Permute(first, order);
        if (layout.Vectors == 3 && !IsPartial) Store48(output, first, second);
        else code.Store(output, first, layout.Vectors == 3 ? 64 : 16 * layout.Vectors, Mask);
    }

    // One or two vectors a pixel: four or two pixels are packed together, then each gets its part of the vector.
    private void WritePixelsTogether(int sums, IReadOnlyList<Place> outputs, IReadOnlyList<Place> residuals, int together)
    {
        for (var pixel = 0; pixel < outputs.Count; pixel += together)
        {
            var count = Math.Min(together, outputs.Count - pixel);
            var first = sums + pixel * layout.Vectors;
            for (var i = 0; i < count; i++) Finish(first + i * layout.Vectors, residuals, pixel + i);
            // Sums that do not exist, after the last pixel, are stood in for by one that does.
            var last = first + count * layout.Vectors - 1;
            int Sum(int i) => Math.Min(first + i, last);
            code.PackToWords(Sum(0), Sum(0), Sum(1));
            var second = count * layout.Vectors > 2 ? Sum(2) : Sum(0);
            if (second != Sum(0)) code.PackToWords(second, Sum(2), Sum(3));
            Saturate(Sum(0), second);
            code.Permute(Sum(0), Order);
            for (var i = 0; i < count; i++) StorePart(outputs[pixel + i], Sum(0), i, 64 / together, scratch: CodeWriter.VectorCount - 1);
        }
    }

    /// <summary>Two vectors of words to one of bytes, clamped to the layer's range.</summary>
    private void Saturate(int first, int second)
    {
        if (form.HasZeroPoint && !form.HasResidual)
        {
            code.AddWords(first, At(LayerConstants.ZeroPointWords));
            if (second != first) code.AddWords(second, At(LayerConstants.ZeroPointWords));
        }
        code.PackToBytes(first, first, second);
        if (form.ClampsBelow) code.BytesAtLeast(first, At(LayerConstants.LowBytes));
        if (form.ClampsAbove) code.BytesAtMost(first, At(LayerConstants.HighBytes));
    }

    private void StorePart(Place to, int vector, int part, int byteCount, int scratch)
    {
        if (part > 0 && byteCount == 16) code.TakeQuarter(scratch, vector, part);
        else if (part > 0) code.TakeUpperHalf(scratch, vector);
        code.Store(to, part > 0 ? scratch : vector, byteCount, Mask);
    }

    // Three vectors are 48 bytes, for which there is no plain store.
    private void Store48(Place to, int vector, int scratch)
    {
        code.Store(to, vector, 32);
        code.TakeUpperHalf(scratch, vector);
        code.Store(to + 32, scratch, 16);
    }

    /// <summary>Sums of one pixel to rounded int32: without the zero point, or with the residual added.</summary>
    private void Finish(int first, IReadOnlyList<Place> residuals, int pixel)
    {
        if (_residual is null) Requantize(first);
        else _residual.Add(first, residuals[pixel]);
    }

    // Without overflow the clamp is left to packing, which saturates: to int16, and after the zero point to bytes. A value
    // that saturates to int16 lies outside the bytes whatever zero point is added.
    private void Requantize(int first)
    {
        for (var vector = 0; vector < layout.Vectors; vector++)
        {
            code.ToFloat(first + vector);
            code.Multiply(first + vector, new Place(Block, layout.Multipliers(vector)));
            if (form.MayOverflow) code.FloatsAtMost(first + vector, At(LayerConstants.HighFloats));
            code.ToInteger(first + vector);
        }
    }

    private static Place At(int constant) => new(Constants, 64 * constant);
}
