using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Convolution.Assembled;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Pixels;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Float operators on images whose channels lie side by side: the bits of the same operators on planes, on every kernel set, whole and in
/// pieces, beside guard pages.</summary>
public unsafe class PixelKernelTests
{
    private static readonly Gen<PixelCase> Cases =
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
        select new PixelCase(channels, height, width, new Window(kernel, kernel, stride, stride, dilation, dilation, pad, pad, pad, pad), gap, seed);

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

    /// <summary>One product after the other: along rows and columns of the window, and channels.</summary>
    private static void Define(PixelCase c, float** inputs, float* output, int outputs, int groups)
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
}
