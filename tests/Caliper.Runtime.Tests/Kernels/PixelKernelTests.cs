using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Pixels;
using Caliper.Testing;
using Caliper.Testing.Simulator;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Float operators on images whose channels lie side by side: the bits of the same operators on planes, on every kernel set, whole and in
/// pieces, beside guard pages.</summary>
public unsafe class PixelKernelTests
{
    private static readonly Gen<Case> Cases =
        from channels in Gen.OneOf(Gen.Int[1, 40], Gen.Const(64), Gen.Const(71))
        from height in Gen.Int[1, 9]
        from width in Gen.Int[1, 11]
        from kernel in Gen.Int[1, 3]
        from stride in Gen.Int[1, 2]
        from dilation in Gen.Int[1, 2]
        from pad in Gen.Int[0, 1]
        from gap in Gen.Int[0, 2]
        from seed in Gen.Int[0, 10_000]
        where pad < kernel && height + 2 * pad > (kernel - 1) * dilation && width + 2 * pad > (kernel - 1) * dilation
        select new Case(channels, height, width, new Window(kernel, kernel, stride, stride, dilation, dilation, pad, pad, pad, pad), gap, seed);

    [Fact]
    public void Pools_have_the_bits_of_planes() => Cases.Sample(c =>
    {
        foreach (var (isMax, countsPads) in new[] { (true, false), (false, false), (false, true) })
            c.Check(FloatWindows.Pool(c.X, c.Y(c.Channels), c.Window, isMax, countsPads), c.Channels, [],
                (x, y, set, _) => new PixelPool(c.Window, isMax, countsPads) { Input = x, Output = y, Set = set });
    }, iter: 60);

    [Fact]
    public void Depthwise_convolutions_have_the_bits_of_planes() => Cases.Sample(c =>
    {
        var (weights, bias) = (c.Numbers(c.Channels * c.Window.KernelHeight * c.Window.KernelWidth, 1), c.Numbers(c.Channels, 2));
        int[] shape = [c.Channels, 1, c.Window.KernelHeight, c.Window.KernelWidth];
        var layer = new FloatLayer(c.Window, c.Channels, (c.Channels, c.Channels), Tensor.Of(Shape.Of(weights.Length), weights), bias);
        var planes = FloatConvolution.Of(c.X, shape, c.Y(c.Channels), c.Window, c.Channels, true);
        c.Check(planes, c.Channels, [weights, bias],
            (x, y, set, resources) => new PixelDepthwise(layer, resources) { Input = x, Output = y, Set = set });
        var inZeros = c with { Rim = c.Window.Top };
        inZeros.Check(planes, c.Channels, [weights, bias], (x, y, set, resources) => FloatConvolutions.Create(layer, x, y, set, resources));
    }, iter: 60);

    [Fact]
    public void Convolutions_of_one_tap_have_the_bits_of_planes_and_others_those_of_the_definition() => (
        from c in Cases
        from outputs in Gen.Int[1, 70]
        from groups in Gen.OneOf(Gen.Const(1), Gen.Const(2))
        where c.Channels % groups == 0 && outputs % groups == 0
        select (c, outputs, groups)).Sample(s =>
    {
        var (c, outputs, groups) = s;
        var perIn = c.Channels / groups;
        var (weights, bias) = (c.Numbers(outputs * perIn * c.Window.KernelHeight * c.Window.KernelWidth, 1), c.Numbers(outputs, 2));
        int[] shape = [outputs, perIn, c.Window.KernelHeight, c.Window.KernelWidth];
        var tensor = Tensor.Of(Shape.Of(weights.Length), weights);
        var layer = new FloatLayer(c.Window, groups, (c.Channels, outputs), tensor, bias);
        PixelMaker make = (x, y, set, resources) => new PixelConvolution(layer, resources) { Input = x, Output = y, Set = set };
        if (c.Window is { KernelHeight: 1 })
            c.Check(FloatConvolution.Of(c.X, shape, c.Y(outputs), c.Window, groups, true), outputs, [weights, bias], make);
        var definition = new DenseKernel((inputs, output, _) => Define(c, inputs, output, outputs, groups), c.Count(outputs) * sizeof(float));
        c.Check(definition, outputs, [weights, bias], make);
        var inZeros = c with { Rim = c.Window.Top };
        inZeros.Check(definition, outputs, [weights, bias], (x, y, set, resources) => FloatConvolutions.Create(layer, x, y, set, resources));
    }, iter: 80);

    [Fact]
    public void Assembled_convolutions_have_the_bits_of_the_definition_on_any_machine() => (
        from c in Cases
        from isDepthwise in Gen.Bool
        from outputs in Gen.Int[1, 70]
        from vectors in Gen.Int[1, 4]
        from pixels in Gen.Int[1, 28]
        from isBound in Gen.Bool
        select (c, isDepthwise ? c.Channels : outputs, isDepthwise ? c.Channels : 1, vectors, pixels, isBound)).Sample(s =>
    {
        var (c, outputs, groups, vectors, pixels, isBound) = s;
        c = c with { Rim = c.Window.Top };
        var weights = c.Numbers(outputs * (c.Channels / groups) * c.Window.KernelHeight * c.Window.KernelWidth, 1);
        var bias = c.Numbers(outputs, 2);
        var layer = new FloatLayer(c.Window, groups, (c.Channels, outputs), Tensor.Of(Shape.Of(weights.Length), weights), bias)
        {
            Bounds = isBound ? new FloatBounds(-0.25f, 0.5f) : default,
        };
        var definition = new DenseKernel((inputs, output, _) =>
        {
            Define(c, inputs, output, outputs, groups);
            for (var i = 0; i < c.Count(outputs); i++) output[i] = layer.Bounds.Of(new OneLane(output[i])).Value;
        }, c.Count(outputs) * sizeof(float));
        var most = layer.IsDepthwise ? pixels : Math.Min(pixels, TilePlan.MaxPixels(vectors, inHalves: false));
        c.Check(definition, outputs, [weights, bias], (x, y, set, resources) =>
            AssembledFloatConvolution.TryCreate(layer, x, y, set, resources, vectors, most)!, simulates: true);
    }, iter: 150);

    [Fact]
    public void Bounds_of_products_are_a_clip_after_them() => Cases.Select(c => c with { Rim = c.Window.Top }).Sample(c =>
    {
        var bounds = new FloatBounds(-0.25f, 0.5f);
        var (weights, bias) = (c.Numbers(c.Channels * c.Channels * c.Window.KernelHeight * c.Window.KernelWidth, 1), c.Numbers(c.Channels, 2));
        foreach (var perIn in new[] { 1, c.Channels })
        {
            var groups = c.Channels / perIn;
            var definition = new DenseKernel((inputs, output, _) =>
            {
                Define(c, inputs, output, c.Channels, groups);
                for (var i = 0; i < c.Count(c.Channels); i++) output[i] = Math.Clamp(output[i], -0.25f, 0.5f);
            }, c.Count(c.Channels) * sizeof(float));
            var layer = new FloatLayer(c.Window, groups, (c.Channels, c.Channels), Tensor.Of(Shape.Of(weights.Length), weights), bias)
            {
                Bounds = bounds,
            };
            c.Check(definition, c.Channels, [weights, bias], (x, y, set, resources) => FloatConvolutions.Create(layer, x, y, set, resources));
        }
    }, iter: 40);

    [Fact]
    public void Means_have_the_bits_of_planes() => Cases.Sample(c =>
    {
        var whole = c with { Window = new Window(c.Height, c.Width, 1, 1, 1, 1, 0, 0, 0, 0) };
        foreach (var isMax in new[] { true, false })
            whole.Check(FloatReductions.Reduce(isMax ? "ReduceMax" : "ReduceMean", c.X, [false, false, true, true]), c.Channels, [],
                (x, y, set, _) => new PixelMeans(isMax) { Input = x, Output = y, Set = set });
    }, iter: 60);

    [Fact]
    public void Resizing_has_the_bits_of_planes() => (
        from c in Cases
        from height in Gen.Int[1, 15]
        from width in Gen.Int[1, 15]
        select (c, height, width)).Sample(s =>
    {
        var (c, height, width) = s;
        var (rows, columns) = (Axis(c.Height, height), Axis(c.Width, width));
        foreach (var isLinear in new[] { true, false })
            (c with { Resized = (height, width) }).Check(FloatResize.Of(2 * c.Channels, c.Height, c.Width, rows, columns, isLinear), c.Channels, [],
                (x, y, set, _) => new PixelResize(rows, columns, isLinear, (c.Height, c.Width)) { Input = x, Output = y, Set = set });
    }, iter: 60);

    private static ResampleAxis Axis(int from, int to)
    {
        var at = Enumerable.Range(0, to).Select(i => Math.Clamp((i + 0.5f) * from / to - 0.5f, 0, from - 1)).ToArray();
        int[] low = [.. at.Select(a => (int)a)];
        return new(low, [.. low.Select(l => Math.Min(l + 1, from - 1))], [.. at.Select((a, i) => a - low[i])]);
    }

    /// <summary>One product after the other: along rows and columns of the window, and channels.</summary>
    private static void Define(Case c, float** inputs, float* output, int outputs, int groups)
    {
        var (y, w, perIn) = (c.Y(outputs), c.Window, c.Channels / groups);
        for (var at = 0; at < y[0] * outputs * y[2] * y[3]; at++)
        {
            var (rest, ox) = Math.DivRem(at, y[3]);
            (rest, var oy) = Math.DivRem(rest, y[2]);
            var (image, o) = Math.DivRem(rest, outputs);
            var sum = inputs[2][o];
            for (var tap = 0; tap < w.KernelHeight * w.KernelWidth * perIn; tap++)
            {
                var (window, channel) = Math.DivRem(tap, perIn);
                var (ky, kx) = Math.DivRem(window, w.KernelWidth);
                var (iy, ix) = (oy * w.StrideY - w.Top + ky * w.DilationY, ox * w.StrideX - w.Left + kx * w.DilationX);
                var isInside = (uint)iy < (uint)c.Height && (uint)ix < (uint)c.Width;
                var x = isInside ? inputs[0][((image * c.Channels + o / (outputs / groups) * perIn + channel) * c.Height + iy) * c.Width + ix] : 0;
                sum = MathF.FusedMultiplyAdd(x, inputs[1][((o * perIn) + channel) * w.KernelHeight * w.KernelWidth + window], sum);
            }
            output[at] = sum;
        }
    }

    private delegate PixelKernel PixelMaker(PixelImage x, PixelImage y, KernelSet set, KernelResources resources);

    /// <summary>Two images, what slides over them, and how many floats lie between the channels of a pixel and the next.</summary>
    private sealed record Case(int Channels, int Height, int Width, Window Window, int Gap, int Seed)
    {
        public (int Height, int Width)? Resized { get; init; }

        /// <summary>Pixels of zeros on each side of the input.</summary>
        public int Rim { get; init; }

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

        /// <summary>Holds a kernel against an operator on planes.</summary>
        public void Check(DenseKernel planes, int outputs, float[][] parameters, PixelMaker make, bool simulates = false)
        {
            var (x, expected) = (Numbers(Sizes.Product(X), 0), new float[Count(outputs)]);
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
                using var scratch = new NativeBuffer(kernel.ScratchBytes);
                fixed (float* memory = input.Span, to = output.Span)
                {
                    machine?.Memory.Allow("input", memory, input.Span.Length * sizeof(float));
                    machine?.Memory.Allow("output", to, output.Span.Length * sizeof(float), isWritable: true);
                    foreach (var (start, byteCount) in resources.Owned<PackedMemory>().SelectMany(m => m.Allocated))
                        machine?.Memory.Allow("weights", (void*)start, byteCount);
                    var from = (byte*)memory + first;
                    var cut = kernel.Units / 2;
                    kernel.Run(from, (byte*)to, scratch.Start, cut, kernel.Units, 0, kernel.Blocks);
                    for (var block = 0; block < kernel.Blocks; block++) kernel.Run(from, (byte*)to, scratch.Start, 0, cut, block, block + 1);
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
}
