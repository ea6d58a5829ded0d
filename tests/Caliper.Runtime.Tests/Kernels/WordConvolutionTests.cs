using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Words;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Two passes of 8 bits are one of 16.</summary>
public unsafe class WordConvolutionTests
{
    public static TheoryData<KernelSet> Sets => new(Enum.GetValues<KernelSet>());

    [Theory, MemberData(nameof(Sets))]
    public void A_convolution_of_words_has_the_bits_of_a_scalar_one_in_64_bits(KernelSet set) => Check(set, depthwise: false);

    [Theory, MemberData(nameof(Sets))]
    public void A_depthwise_convolution_of_words_has_the_bits_of_a_scalar_one_in_64_bits(KernelSet set) => Check(set, depthwise: true);

    [Theory]
    [InlineData(64, 127, true)]
    [InlineData(300, 127, false)]
    [InlineData(2304, -128, false)]
    public void Sums_at_the_end_of_32_bits_are_exact(int inputs, int weight, bool fits)
    {
        // All words far from their zero point, all weights at an end: the largest sum that there is.
        var shape = new ConvolutionShape
        {
            Images = 1,
            OutputHeight = 1,
            OutputWidth = 7,
            InputChannels = inputs,
            OutputChannels = 21,
            KernelHeight = 1,
            KernelWidth = 1,
            Input = new(inputs, 7 * inputs, 7L * inputs),
            Output = new(84, 588, 588),
        };
        sbyte[] weights = [.. Enumerable.Repeat((sbyte)weight, 21 * inputs)];
        Assert.Equal(fits, new LayerWeights(weights, new int[21]).LargestSum * ushort.MaxValue <= int.MaxValue);
        var epilogue = new WordEpilogue(WordResult.Floats, [.. Enumerable.Repeat(1e-3f, 21)], new float[21], 0, 0, 0);
        var layer = new WordLayer("ends", shape, shape.Output, new(weights, new int[21]), 0, epilogue);
        var words = Enumerable.Repeat(ushort.MaxValue, 7 * inputs + ConvolutionReach.ReadsBehind).ToArray();
        foreach (var set in Enum.GetValues<KernelSet>()) Assert.Equal(Reference(layer, words), Run(layer, words, set, whole: true));
    }

    private static void Check(KernelSet set, bool depthwise) => Gen.Select(
        Layers.Any(depthwise), Gen.Enum<WordResult>(), Gen.Int[0, 5], Gen.Float[1e-7f, 1e-4f], Gen.UShort, Gen.Int).Sample(
        (source, result, gap, scale, zero, seed) =>
        {
            var random = new Random(seed);
            var layer = Layer(source, result, gap, scale, zero, random);
            var words = new ushort[InputLength(layer.Shape)];
            for (var i = 0; i < words.Length; i++) words[i] = (ushort)random.Next(ushort.MaxValue + 1);
            var expected = Reference(layer, words);
            Assert.Equal(expected, Run(layer, words, set, whole: true));
            Assert.Equal(expected, Run(layer, words, set, whole: false));
        }, iter: 100);

    private static WordLayer Layer(ConvolutionLayer source, WordResult result, int gap, float scale, ushort zero, Random random)
    {
        var size = result is WordResult.Floats ? sizeof(float) : 1;
        PlaneStrides Plane(int pixel)
        {
            var row = (source.Shape.OutputWidth + gap % 2) * pixel;
            return new(pixel, row, (long)row * (source.Shape.OutputHeight + gap % 3));
        }
        var shape = source.Shape with { Output = Plane((source.Shape.OutputChannels + gap) * size), Residual = default };
        var outputs = shape.OutputChannels;
        var greatest = result is WordResult.Words ? ushort.MaxValue : byte.MaxValue;
        var (least, most) = gap == 0 ? (0, greatest) : (random.Next(greatest / 3), greatest - random.Next(greatest / 3));
        var epilogue = new WordEpilogue(result, [.. Enumerable.Range(0, outputs).Select(_ => scale * (0.5f + random.NextSingle()))],
            [.. Enumerable.Range(0, outputs).Select(_ => random.NextSingle() * 200 - 100)],
            result is WordResult.Floats ? 0 : random.Next(greatest + 1), least, most);
        return new WordLayer("layer", shape, Plane(outputs + (gap + 1) / 2), source.Weights, zero, epilogue);
    }

    private static int InputLength(ConvolutionShape s) => checked((int)((s.Images - 1) * s.Input.Image
        + ((s.OutputHeight - 1L) * s.StrideY + (s.KernelHeight - 1) * s.DilationY) * s.Input.Row
        + ((s.OutputWidth - 1L) * s.StrideX + (s.KernelWidth - 1) * s.DilationX) * s.Input.Pixel + s.InputChannels + ConvolutionReach.ReadsBehind));

    /// <summary>What the kernels write into memory that was zero, the lower bytes behind.</summary>
    private static byte[] Run(WordLayer layer, ushort[] words, KernelSet set, bool whole)
    {
        using var resources = new KernelResources();
        var kernel = new WordConvolution(layer, resources, set);
        using var high = GuardedMemory<byte>.Of([.. words.Select(w => (byte)(w >> 8))]);
        using var low = GuardedMemory<byte>.Of([.. words.Select(w => (byte)w)]);
        var (reach, lowReach) = layer.Reach;
        using var output = new GuardedMemory<byte>((int)reach.High);
        using var lowOutput = new GuardedMemory<byte>((int)lowReach.High);
        using var scratch = new GuardedMemory<byte>((kernel.ScratchBytes + 63) / 64 * 64);
        // Working memory holds what other layers left.
        scratch.Span.Fill(0xA5);
        fixed (byte* x = high.Span, xLow = low.Span, y = output.Span, yLow = lowOutput.Span, memory = scratch.Span)
        {
            var operands = new WordOperands { Input = x, LowInput = xLow, Output = y, LowOutput = yLow, Scratch = memory };
            if (whole) kernel.Run(operands, 0, kernel.Units, 0, kernel.Blocks);
            else
                for (var unit = 0; unit < kernel.Units; unit++)
                    for (var block = 0; block < kernel.Blocks; block++) kernel.Run(operands, unit, unit + 1, block, block + 1);
        }
        return [.. output.Span, .. lowOutput.Span];
    }

    /// <summary>The sum of products of words themselves, in 64 bits, and what the epilogue says.</summary>
    private static byte[] Reference(WordLayer layer, ushort[] words)
    {
        var (reach, lowReach) = layer.Reach;
        var (shape, epilogue) = (layer.Shape, layer.Epilogue);
        var (output, low) = (new byte[reach.High], new byte[lowReach.High]);
        for (var image = 0; image < shape.Images; image++)
            for (var y = 0; y < shape.OutputHeight; y++)
                for (var x = 0; x < shape.OutputWidth; x++)
                    for (var c = 0; c < shape.OutputChannels; c++)
                    {
                        var real = MathF.FusedMultiplyAdd(Sum(layer, words, image, y, x, c), epilogue.Multipliers[c], epilogue.Offsets[c]);
                        var at = At(shape.Output, image, y, x) + c * epilogue.ElementSize;
                        if (epilogue.Result is WordResult.Floats)
                        {
                            BitConverter.TryWriteBytes(output.AsSpan((int)at), real);
                            continue;
                        }
                        var q = (int)Math.Clamp(Math.Round((double)real) + epilogue.ZeroPoint, epilogue.Least, epilogue.Greatest);
                        output[at] = (byte)(epilogue.Result is WordResult.Words ? q >> 8 : q);
                        if (epilogue.Result is WordResult.Words) low[At(layer.LowOutput, image, y, x) + c] = (byte)(q & 255);
                    }
        return [.. output, .. low];
    }

    private static long At(PlaneStrides plane, int image, int y, int x) => image * plane.Image + (long)y * plane.Row + (long)x * plane.Pixel;

    private static long Sum(WordLayer layer, ushort[] words, int image, int y, int x, int channel)
    {
        var shape = layer.Shape;
        var (sum, weight) = (0L, channel * shape.ProductsPerOutput);
        for (var ky = 0; ky < shape.KernelHeight; ky++)
            for (var kx = 0; kx < shape.KernelWidth; kx++)
            {
                var pixel = At(shape.Input, image, y * shape.StrideY + ky * shape.DilationY, x * shape.StrideX + kx * shape.DilationX);
                var (first, count) = shape.IsDepthwise ? (channel, 1) : (0, shape.InputChannels);
                for (var c = first; c < first + count; c++)
                    sum += (words[pixel + c] - layer.InputZeroPoint) * (long)(layer.Weights.Values[weight++] - layer.Weights.ZeroPoints[channel]);
            }
        return sum;
    }
}
