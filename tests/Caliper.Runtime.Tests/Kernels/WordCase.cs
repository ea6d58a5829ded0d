using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Words;
using Caliper.Testing;
using Caliper.Testing.Simulator;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Random layers of words, what kernels write for them, and what they must write.</summary>
internal static unsafe class WordCase
{
    /// <summary>Any layer with random words.</summary>
    public static Gen<(WordLayer Layer, ushort[] Words)> Any(bool depthwise) => Gen.Select(
        Layers.Any(depthwise), Gen.Enum<WordResult>(), Gen.Int[0, 5], Gen.Float[1e-7f, 1e-4f], Gen.UShort, Gen.Int).Select(
        (source, result, gap, scale, zero, seed) =>
        {
            var random = new Random(seed);
            var layer = Layer(source, result, gap, scale, zero, random);
            var words = new ushort[InputLength(layer.Shape)];
            for (var i = 0; i < words.Length; i++) words[i] = (ushort)random.Next(ushort.MaxValue + 1);
            return (layer, words);
        });

    /// <summary>A 1×1 layer of seven pixels whose weights are all the same.</summary>
    public static WordLayer Of(int inputs, int outputs, sbyte weight = 127)
    {
        var pixel = sizeof(float) * outputs;
        var shape = new ConvolutionShape
        {
            Images = 1,
            OutputHeight = 1,
            OutputWidth = 7,
            InputChannels = inputs,
            OutputChannels = outputs,
            KernelHeight = 1,
            KernelWidth = 1,
            Input = new(inputs, 7 * inputs, 7L * inputs),
            Output = new(pixel, 7 * pixel, 7L * pixel),
        };
        var weights = new LayerWeights([.. Enumerable.Repeat(weight, outputs * inputs)], new int[outputs]);
        var epilogue = new WordEpilogue(WordResult.Floats, [.. Enumerable.Repeat(1e-3f, outputs)], new float[outputs], 0, 0, 0);
        return new WordLayer("ends", shape, shape.Output, weights, 0, epilogue);
    }

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
        + ((s.OutputWidth - 1L) * s.StrideX + (s.KernelWidth - 1) * s.DilationX) * s.Input.Pixel + s.InputChannels + ConvolutionReach.ReadsAfter));

    /// <summary>What a kernel writes into memory that was zero, the lower bytes last.</summary>
    public static byte[] Run(WordLayer layer, ushort[] words, WordConvolution kernel, bool piecewise = false, Action<WordMemory>? prepare = null)
    {
        Assert.All(kernel.Constants, c => Assert.Equal((c.What, c.Held), (c.What, c.Read)));
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
            prepare?.Invoke(new WordMemory(operands, words.Length, output.Span.Length, lowOutput.Span.Length));
            if (!piecewise) kernel.Run(operands, 0, kernel.Units, 0, kernel.Blocks);
            for (var unit = 0; piecewise && unit < kernel.Units; unit++)
                for (var block = 0; block < kernel.Blocks; block++) kernel.Run(operands, unit, unit + 1, block, block + 1);
        }
        return [.. output.Span, .. lowOutput.Span];
    }

    /// <summary>The sum of products of words themselves, in 64 bits, and what the epilogue says.</summary>
    public static byte[] Reference(WordLayer layer, ushort[] words)
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

/// <summary>The tensors of one run.</summary>
internal readonly unsafe record struct WordMemory(WordOperands Operands, int InputBytes, int OutputBytes, int LowOutputBytes)
{
    /// <summary>Lets simulated code touch them, and what the kernel owns, and nothing else.</summary>
    public void Allow(SimulatedMachine machine, KernelResources resources)
    {
        foreach (var (start, byteCount) in resources.Owned<PackedMemory>().SelectMany(m => m.Allocated))
            machine.Memory.Allow("weights", (void*)start, byteCount);
        machine.Memory.Allow("upper bytes", Operands.Input, InputBytes);
        machine.Memory.Allow("lower bytes", Operands.LowInput, InputBytes);
        machine.Memory.Allow("output", Operands.Output, OutputBytes, isWritable: true);
        machine.Memory.Allow("lower output", Operands.LowOutput, LowOutputBytes, isWritable: true);
    }
}
