using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Caliper.Engine.Values;

namespace Caliper.Engine.Steps;

/// <summary>Means of each channel over all pixels of an image, as bytes or, without a zero point, as floats. A unit is an image, a block some
/// channels.</summary>
internal sealed unsafe class GlobalAverageStep(
    TensorLayout input, TensorLayout output, byte inputZero, float multiplier, byte? outputZero, ByteRange range) : Step
{
    private const int ChannelsPerBlock = 256;

    // So many bytes a word can add up.
    private const int PixelsOfWords = ushort.MaxValue / byte.MaxValue;

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
                if (outputZero is { } zero) Requantize(sums, to, output.Strides[1], count, zero);
                else for (var c = 0; c < count; c++) *(float*)(to + c * output.Strides[1]) = sums[c] * multiplier;
            }
        }
    }

    private void Sum(byte* from, int* sums, int count)
    {
        new Span<int>(sums, count).Fill(-inputZero * _plane.Height * _plane.Width);
        var c = 0;
        for (; c <= count - Vector<byte>.Count; c += Vector<byte>.Count) SumOfVector(from + c, (Vector<int>*)(sums + c));
        for (var y = 0; y < _plane.Height && c < count; y++)
            for (var x = 0; x < _plane.Width; x++)
                for (var rest = c; rest < count; rest++) sums[rest] += (from + y * _plane.Row + x * input.Strides[^1])[rest];
    }

    /// <summary>Adds a vector of channels of all pixels, in words as long as they hold the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SumOfVector(byte* from, Vector<int>* sums)
    {
        var (pixels, step) = (_plane.Width, input.Strides[^1]);
        for (var y = 0; y < _plane.Height; y++)
        {
            var pixel = from + y * _plane.Row;
            for (var left = pixels; left > 0; left -= PixelsOfWords)
            {
                var (low, high) = (Vector<ushort>.Zero, Vector<ushort>.Zero);
                for (var x = Math.Min(left, PixelsOfWords); x > 0; x--, pixel += step)
                {
                    Vector.Widen(*(Vector<byte>*)pixel, out var l, out var h);
                    low += l;
                    high += h;
                }
                Vector.Widen(low, out var q0, out var q1);
                Vector.Widen(high, out var q2, out var q3);
                sums[0] += q0.As<uint, int>();
                sums[1] += q1.As<uint, int>();
                sums[2] += q2.As<uint, int>();
                sums[3] += q3.As<uint, int>();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Requantize(int* sums, byte* to, long step, int count, byte zero)
    {
        var (least, greatest) = (Vector128.Create((float)(range.Low - zero)), Vector128.Create((float)(range.High - zero)));
        var c = 0;
        for (; step == 1 && c <= count - 4; c += 4)
        {
            var real = Vector128.Min(Vector128.Max(Vector128.ConvertToSingle(Vector128.Load(sums + c)) * multiplier, least), greatest);
            var bytes = (Vector128.ConvertToInt32(Vector128.Round(real)) + Vector128.Create((int)zero)).AsUInt32();
            var words = Vector128.Narrow(bytes, bytes);
            *(uint*)(to + c) = Vector128.Narrow(words, words).AsUInt32().ToScalar();
        }
        for (; c < count; c++) to[c * step] = Requantize(sums[c], zero);
    }

    private byte Requantize(int sum, byte zero)
    {
        var real = MathF.Min(MathF.Max(sum * multiplier, range.Low - zero), range.High - zero);
        return (byte)((int)MathF.Round(real, MidpointRounding.ToEven) + zero);
    }
}
