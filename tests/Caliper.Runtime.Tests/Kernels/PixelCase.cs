using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Pixels;
using Caliper.Testing;
using Caliper.Testing.Simulator;

namespace Caliper.Runtime.Tests.Kernels;

internal unsafe delegate PixelKernel PixelMaker(PixelImage x, PixelImage y, KernelSet set, KernelResources resources);

/// <summary>Two images, what slides over them, and how many floats lie between the channels of a pixel and the next.</summary>
internal sealed unsafe record PixelCase(int Channels, int Height, int Width, Window Window, int Gap, int Seed)
{
    public (int Height, int Width)? Resized { get; init; }

    /// <summary>Pixels of zeros on each side of the input.</summary>
    public int Rim { get; init; }

    /// <summary>Whether zeros of both signs, infinities and what is no number are among the input's numbers.</summary>
    public bool IsMixed { get; init; }

    public int[] X => [2, Channels, Height, Width];

    public int[] Y(int channels) => Resized is var (height, width) ? [2, channels, height, width] : [2, channels,
        (Height + 2 * Window.Top - (Window.KernelHeight - 1) * Window.DilationY - 1) / Window.StrideY + 1,
        (Width + 2 * Window.Left - (Window.KernelWidth - 1) * Window.DilationX - 1) / Window.StrideX + 1];

    public int Count(int channels) => Sizes.Product(Y(channels));

    public float[] Numbers(int count, int salt)
    {
        var random = new Random(Seed + salt);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }

    /// <summary>The numbers of the input.</summary>
    public float[] Pixels()
    {
        var (random, x) = (new Random(Seed), Numbers(Sizes.Product(X), 0));
        // Mostly zeros, and seldom what hides all else.
        float[] others = [0, 0, 0, -0f, -0f, -0f, float.NegativeInfinity, float.PositiveInfinity, float.NaN, -float.NaN];
        for (var i = 0; IsMixed && i < x.Length; i++) if (random.Next(3) == 0) x[i] = others[random.Next(random.Next(1, others.Length + 1))];
        return x;
    }

    /// <summary>Holds a kernel against an operator on planes.</summary>
    public void Check(DenseKernel planes, int outputs, float[][] parameters, PixelMaker make, bool simulates = false)
    {
        var (x, expected) = (Pixels(), new float[Count(outputs)]);
        fixed (float* from = x, to = expected, weights = parameters.FirstOrDefault() ?? [], bias = parameters.LastOrDefault() ?? [])
        {
            var inputs = stackalloc float*[3] { from, weights, bias };
            planes.Run(inputs, to, KernelSet.Portable);
        }
        var (xs, ys) = (ImageOf(X, Rim), ImageOf(Y(outputs), 0));
        var first = Rim * (xs.Strides.Row + xs.Strides.Pixel);
        using var input = GuardedMemory<float>.Of(Spread(x, X, xs, first / sizeof(float)));
        foreach (var set in simulates ? [KernelSet.Auto] : Enum.GetValues<KernelSet>())
        {
            using var machine = simulates ? new SimulatedMachine() : null;
            using var resources = machine is null ? new KernelResources() : new KernelResources { Machine = machine };
            var kernel = make(xs, ys, set, resources);
            using var output = new GuardedMemory<float>((int)(ys.Span.High / sizeof(float)));
            Assert.All(kernel.Constants, c => Assert.True(c.Fits, c.What));
            using var scratch = new GuardedMemory<byte>(kernel.ScratchBytes);
            fixed (float* memory = input.Span, to = output.Span)
            fixed (byte* working = scratch.Span)
            {
                machine?.Memory.Allow("input", memory, input.Span.Length * sizeof(float));
                machine?.Memory.Allow("output", to, output.Span.Length * sizeof(float), isWritable: true);
                foreach (var (start, byteCount) in resources.Owned<PackedMemory>().SelectMany(m => m.Allocated))
                    machine?.Memory.Allow("weights", (void*)start, byteCount);
                var from = (byte*)memory + first;
                var cut = kernel.Units / 2;
                kernel.Run(from, (byte*)to, working, cut, kernel.Units, 0, kernel.Blocks);
                for (var block = 0; block < kernel.Blocks; block++) kernel.Run(from, (byte*)to, working, 0, cut, block, block + 1);
            }
            Assert.Equal(Spread(expected, Y(outputs), ys, 0).Select(BitConverter.SingleToInt32Bits),
                output.Span.ToArray().Select(BitConverter.SingleToInt32Bits));
        }
    }

    private PixelImage ImageOf(int[] shape, int rim)
    {
        var pixel = (shape[1] + Gap) * sizeof(float);
        var row = pixel * (shape[3] + 2 * rim);
        return new(shape[0], shape[1], shape[2], shape[3], new PlaneStrides(pixel, row, (long)row * (shape[2] + 2 * rim)));
    }

    private static float[] Spread(float[] planes, int[] shape, PixelImage image, int first)
    {
        // As much lies after the last pixel as before the first.
        var spread = new float[image.Span.High / sizeof(float) + 2 * first];
        for (var at = 0; at < planes.Length; at++)
        {
            var (rest, x) = Math.DivRem(at, shape[3]);
            (rest, var y) = Math.DivRem(rest, shape[2]);
            var (n, c) = Math.DivRem(rest, shape[1]);
            spread[first + image.At(n, y, x) / sizeof(float) + c] = planes[at];
        }
        return spread;
    }
}
