using Caliper.Engine.Values;

namespace Caliper.Engine.Steps;

/// <summary>Resizes NHWC bytes; a unit is an output row of an image.</summary>
internal sealed unsafe class ResizeStep(
    TensorLayout input, TensorLayout output, ResampleAxis rows, ResampleAxis columns, ResizeScales? scales) : Step
{
    private readonly Place _input = Place.Of(input);
    private readonly Place _output = Place.Of(output);
    private readonly int _channels = output.Shape[1];
    private readonly (long In, long Out) _row = input.Shape.Length == 3 ? (0, 0) : (input.Strides[2], output.Strides[2]);
    private readonly float[] _real = [.. Enumerable.Range(0, 256).Select(q => scales?.Input.Dequantize((byte)q) ?? q)];

    public override int Units => output.Shape[0] * rows.Low.Length;

    public override IEnumerable<Extent> Extents
    {
        get
        {
            var ((top, bottom), (left, right)) = (rows.Range, columns.Range);
            var image = ByteSpan.Of(_channels, (output.Shape[0], input.Strides[0]));
            yield return Extent.Reads(_input, new ByteSpan(image.Low + top * _row.In + left * input.Strides[^1],
                image.High + bottom * _row.In + right * input.Strides[^1]));
            yield return Extent.Writes(_output, ByteSpan.Of(_channels,
                (output.Shape[0], output.Strides[0]), (rows.Low.Length, _row.Out), (columns.Low.Length, output.Strides[^1])));
        }
    }

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (image, y) = Math.DivRem(unit, rows.Low.Length);
            var from = context.At(_input) + image * input.Strides[0];
            var to = context.At(_output) + image * output.Strides[0] + y * _row.Out;
            var above = from + rows.Low[y] * _row.In;
            var below = from + rows.High[y] * _row.In;
            for (var x = 0; x < columns.Low.Length; x++, to += output.Strides[^1])
            {
                var (left, right) = (columns.Low[x] * input.Strides[^1], columns.High[x] * input.Strides[^1]);
                if (scales is null) new ReadOnlySpan<byte>(above + left, _channels).CopyTo(new Span<byte>(to, _channels));
                else Interpolate(above + left, above + right, below + left, below + right, rows.Weight[y], columns.Weight[x], to);
            }
        }
    }

    private void Interpolate(byte* topLeft, byte* topRight, byte* bottomLeft, byte* bottomRight, float down, float right, byte* to)
    {
        var (w00, w01, w10, w11) = ((1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right);
        for (var c = 0; c < _channels; c++)
        {
            var real = w00 * _real[topLeft[c]] + w01 * _real[topRight[c]] + w10 * _real[bottomLeft[c]] + w11 * _real[bottomRight[c]];
            to[c] = scales == ResizeScales.Truncating ? (byte)real
                : Math.Clamp(scales!.Output.Quantize(real), scales.Range.Low, scales.Range.High);
        }
    }
}
