using Caliper.Engine.Values;

namespace Caliper.Engine.Steps;

/// <summary><c>exp(s·(q − max)) / Σ</c>, the exponentials of all 256 differences being known beforehand.</summary>
internal sealed unsafe class SoftmaxStep(StridedWalk walk, Place input, Place output, int length, long inputStride, long outputStride,
    ByteScale scale, ByteScale outputScale, ByteRange range) : Step
{
    // Entry d is exp(-d · scale), d being how far a byte is below the greatest.
    private readonly float[] _exponentials = [.. Enumerable.Range(0, 256).Select(d => MathF.Exp(-d * scale.Scale))];

    public override int Units => walk.Count;

    public override IEnumerable<Extent> Extents => [Extent.Writes(output, Rows(0, outputStride)), Extent.Reads(input, Rows(1, inputStride))];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[2];
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var count = walk.Run(unit, offsets);
            var to = context.At(output) + offsets[0];
            var from = context.At(input) + offsets[1];
            for (var i = 0; i < count; i++) Row(from + i * walk.RunStrides[1], to + i * walk.RunStrides[0]);
        }
    }

    private ByteSpan Rows(int tensor, long stride)
    {
        var (rows, row) = (walk.Span(tensor, 1), ByteSpan.Of(1, (length, stride)));
        return new ByteSpan(rows.Low + row.Low, rows.High + row.High - 1);
    }

    private void Row(byte* from, byte* to)
    {
        byte max = 0;
        for (var k = 0; k < length; k++) max = Math.Max(max, from[k * inputStride]);
        float sum = 0;
        for (var k = 0; k < length; k++) sum += _exponentials[max - from[k * inputStride]];
        for (var k = 0; k < length; k++)
        {
            var real = _exponentials[max - from[k * inputStride]] / sum;
            to[k * outputStride] = Math.Clamp(outputScale.Quantize(real), range.Low, range.High);
        }
    }
}
