using System.Numerics;
using System.Runtime.CompilerServices;
using Caliper.Engine.Values;

namespace Caliper.Engine.Steps;

/// <summary>Means of each channel over all pixels of an image, as bytes or, without a zero point, as floats. A unit is an image, a block some
/// channels.</summary>
internal sealed unsafe class GlobalAverageStep(
    TensorLayout input, TensorLayout output, byte inputZero, float multiplier, byte? outputZero, ByteRange range) : Step
{
    private const int ChannelsPerBlock = 256;

    private readonly Place _input = Place.Of(input);
    private readonly Place _output = Place.Of(output);
    private readonly int _channels = input.Shape[1];
    private readonly (int Height, int Width, long Row) _plane =
        input.Shape.Length == 3 ? (1, input.Shape[2], 0) : (input.Shape[2], input.Shape[3], input.Strides[2]);

    public override string Kernel => "vector";

    public override int Units => input.Shape[0];

    public override int Blocks => Sizes.CeilDiv(_channels, ChannelsPerBlock);

    public override IEnumerable<Extent> Extents =>
    [
        Extent.Reads(_input, ByteSpan.Of(_channels, (Units, input.Strides[0]), (_plane.Height, _plane.Row), (_plane.Width, input.Strides[^1]))),
        Extent.Writes(_output, ByteSpan.Of(outputZero is null ? sizeof(float) : 1, (Units, output.Strides[0]), (_channels, output.Strides[1]))),
    ];

    [SkipLocalsInit]
    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var sums = stackalloc int[ChannelsPerBlock];
        for (var image = unitStart; image < unitEnd; image++)
        {
            for (var block = blockStart; block < blockEnd; block++)
            {
                var first = block * ChannelsPerBlock;
                var count = Math.Min(ChannelsPerBlock, _channels - first);
                Sum(context.At(_input) + image * input.Strides[0] + first, sums, count);
                var to = context.At(_output) + image * output.Strides[0] + first * output.Strides[1];
                if (outputZero is { } zero) for (var c = 0; c < count; c++) to[c * output.Strides[1]] = Requantize(sums[c], zero);
                else for (var c = 0; c < count; c++) *(float*)(to + c * output.Strides[1]) = sums[c] * multiplier;
            }
        }
    }

    private void Sum(byte* from, int* sums, int count)
    {
        new Span<int>(sums, count).Fill(-inputZero * _plane.Height * _plane.Width);
        for (var y = 0; y < _plane.Height; y++)
        {
            var pixel = from + y * _plane.Row;
            for (var x = 0; x < _plane.Width; x++, pixel += input.Strides[^1])
            {
                var c = 0;
                for (; c <= count - Vector<byte>.Count; c += Vector<byte>.Count)
                {
                    Vector.Widen(*(Vector<byte>*)(pixel + c), out var low, out var high);
                    Vector.Widen(low, out var q0, out var q1);
                    Vector.Widen(high, out var q2, out var q3);
                    var sum = (Vector<uint>*)(sums + c);
                    sum[0] += q0;
                    sum[1] += q1;
                    sum[2] += q2;
                    sum[3] += q3;
                }
                for (; c < count; c++) sums[c] += pixel[c];
            }
        }
    }

    private byte Requantize(int sum, byte zero)
    {
        var real = MathF.Min(MathF.Max(sum * multiplier, range.Low - zero), range.High - zero);
        return (byte)((int)MathF.Round(real, MidpointRounding.ToEven) + zero);
    }
}
