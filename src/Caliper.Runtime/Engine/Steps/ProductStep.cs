using System.Numerics;
using Caliper.Engine.Values;

namespace Caliper.Engine.Steps;

/// <summary>
/// Products of matrices that both come from the run itself: each element of a row times a line of the right matrix, in 32
/// bits. A product of two differences of bytes has at most 17 bits, so a sum holds 32,768 of them. A unit is a row
/// of a result.
/// </summary>
internal sealed unsafe class ProductStep(int[] offsetsA, int[] offsetsB, (int Rows, int Inner, int Columns) size, Place a, byte zeroA,
    Place b, byte zeroB, Place output, float multiplier, byte zeroPoint, ByteRange range, EngineType result) : Step
{
    public override string Kernel => "vector";

    public override int Units => offsetsA.Length * size.Rows;

    // One row of sums.
    public override int ScratchBytes => checked(size.Columns * sizeof(int));

    private int ResultSize => result is EngineType.Byte ? 1 : sizeof(int);

    public override IEnumerable<Extent> Extents =>
    [
        Extent.Reads(a, BatchOffsets.Span(offsetsA, (long)size.Rows * size.Inner, 1)),
        Extent.Reads(b, BatchOffsets.Span(offsetsB, (long)size.Inner * size.Columns, 1)),
        Extent.Writes(output, ByteSpan.Of(ResultSize, ((long)Units * size.Columns, ResultSize))),
    ];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var sums = (int*)context.Scratch;
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (batch, row) = Math.DivRem(unit, size.Rows);
            Sum(context.At(a) + offsetsA[batch] + (long)row * size.Inner, context.At(b) + offsetsB[batch], sums);
            var at = (long)unit * size.Columns;
            if (result is EngineType.Int32) new Span<int>(sums, size.Columns).CopyTo(new Span<int>((int*)context.At(output) + at, size.Columns));
            else if (result is EngineType.Float) for (var c = 0; c < size.Columns; c++) ((float*)context.At(output))[at + c] = sums[c] * multiplier;
            else for (var c = 0; c < size.Columns; c++) context.At(output)[at + c] = Requantize(sums[c]);
        }
    }

    private void Sum(byte* row, byte* matrix, int* sums)
    {
        new Span<int>(sums, size.Columns).Clear();
        for (var k = 0; k < size.Inner; k++)
        {
            var x = row[k] - zeroA;
            if (x == 0) continue;
            var line = matrix + (long)k * size.Columns;
            var (factor, zero) = (new Vector<int>(x), new Vector<int>(zeroB));
            var c = 0;
            for (; c <= size.Columns - Vector<byte>.Count; c += Vector<byte>.Count)
            {
                Vector.Widen(*(Vector<byte>*)(line + c), out var low, out var high);
                Vector.Widen(low, out var q0, out var q1);
                Vector.Widen(high, out var q2, out var q3);
                var sum = (Vector<int>*)(sums + c);
                sum[0] += factor * (Vector.AsVectorInt32(q0) - zero);
                sum[1] += factor * (Vector.AsVectorInt32(q1) - zero);
                sum[2] += factor * (Vector.AsVectorInt32(q2) - zero);
                sum[3] += factor * (Vector.AsVectorInt32(q3) - zero);
            }
            for (; c < size.Columns; c++) sums[c] += x * (line[c] - zeroB);
        }
    }

    private byte Requantize(int sum)
    {
        var real = MathF.Min(MathF.Max(sum * multiplier, range.Low - zeroPoint), range.High - zeroPoint);
        return (byte)((int)MathF.Round(real, MidpointRounding.ToEven) + zeroPoint);
    }
}
