using Caliper.Graphs;
using Caliper.Testing;
using Caliper.Torch.Modules;
using CsCheck;

namespace Caliper.Conformance.Torch;

/// <summary>The graph of a layer, when run, must give the shape that was announced and the values of PyTorch's formula.</summary>
public class LayerTests
{
    private sealed record Sliding(int Height, int Width, Extent Kernel, Extent Stride, Extent Padding, Extent Dilation);

    private static readonly Gen<Extent> UpTo3 = Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3]).Select((h, w) => new Extent(h, w));

    private static readonly Gen<Sliding> AnyWindow =
        from size in Gen.Select(Gen.Int[7, 12], Gen.Int[7, 12])
        from kernel in UpTo3
        from stride in UpTo3
        from dilation in UpTo3
        from padding in Gen.Select(Gen.Int[0, kernel.Height / 2], Gen.Int[0, kernel.Width / 2])
        select new Sliding(size.Item1, size.Item2, kernel, stride, padding, dilation);

    [Fact]
    public void A_convolution_has_the_shape_it_announces() =>
        AnyWindow.Sample(
            s => AssertShape(new Conv2d(2, 4, s.Kernel, s.Stride, s.Padding, s.Dilation, groups: 2), s), iter: 40, threads: 1);

    [Fact]
    public void A_transposed_convolution_has_the_shape_it_announces() =>
        AnyWindow.Sample(
            s =>
            {
                Extent outputPadding = (s.Stride.Height - 1, s.Stride.Width - 1);
                AssertShape(new ConvTranspose2d(2, 4, s.Kernel, s.Stride, s.Padding, outputPadding, 2, true, s.Dilation), s);
            },
            iter: 40,
            threads: 1);

    [Fact]
    public void Max_pooling_takes_the_largest_of_each_window_of_PyTorch() =>
        Gen.Select(AnyWindow, Gen.Bool).Sample(
            (s, ceilMode) =>
            {
                var x = Ramp(1, 2, s.Height, s.Width);
                var y = Run(new MaxPool2d(s.Kernel, s.Stride, s.Padding, s.Dilation, ceilMode), x);
                Assert.Equal(MaxPool(x, s, ceilMode), y.Span<float>().ToArray());
            },
            iter: 60,
            threads: 1);

    [Theory]
    [InlineData(true, 1f / 9)]
    [InlineData(false, 1f / 4)]
    public void Average_pooling_counts_the_padding_or_not(bool countIncludePad, float atTheCorner)
    {
        var x = Tensor.Of(Shape.Of(1, 1, 3, 3), new float[] { 1, 0, 0, 0, 0, 0, 0, 0, 0 });
        Assert.Equal(atTheCorner, Run(new AvgPool2d(3, 1, 1, countIncludePad), x).Span<float>()[0], Tolerances.SmallNetwork);
    }

    [Fact]
    public void Adaptive_average_pooling_averages_equal_parts()
    {
        var x = Tensor.Of(Shape.Of(1, 1, 2, 4), new float[] { 1, 2, 3, 4, 5, 6, 7, 8 });
        Assert.Equal([3.5f, 5.5f], Run(new AdaptiveAvgPool2d((1, 2)), x).Span<float>().ToArray());
        Assert.Equal([4.5f], Run(new AdaptiveAvgPool2d(1), x).Span<float>().ToArray());
        Assert.Equal(x.Span<float>().ToArray(), Run(new AdaptiveAvgPool2d((2, 4)), x).Span<float>().ToArray());
    }

    public static TheoryData<Module, Func<double, double>> Activations => new()
    {
        { new ReLU(), x => Math.Max(0, x) },
        { new ReLU6(), x => Math.Clamp(x, 0, 6) },
        { new Sigmoid(), x => 1 / (1 + Math.Exp(-x)) },
        { new Tanh(), Math.Tanh },
        { new Hardsigmoid(), x => Math.Clamp(x + 3, 0, 6) / 6 },
        { new Hardswish(), x => x * Math.Clamp(x + 3, 0, 6) / 6 },
        { new SiLU(), x => x / (1 + Math.Exp(-x)) },
        { new LeakyReLU(0.2f), x => x > 0 ? x : 0.2f * x },
        { new Dropout(), x => x },
    };

    [Theory]
    [MemberData(nameof(Activations), DisableDiscoveryEnumeration = true)]
    public void An_activation_is_its_formula(Module activation, Func<double, double> formula)
    {
        var x = Tensor.Of(Shape.Of(1, 33), Enumerable.Range(-16, 33).Select(i => i / 2f).ToArray());
        var y = Run(activation, x).Span<float>().ToArray();
        Assert.Equal(x.Span<float>().ToArray().Select(v => (float)formula(v)), y, (a, b) => Math.Abs(a - b) < Tolerances.SmallNetwork);
    }

    [Fact]
    public void Softmax_sums_to_one()
    {
        var y = Run(new Softmax(), Ramp(2, 5)).Span<float>().ToArray();
        Assert.Equal(1, y[..5].Sum(), Tolerances.SmallNetwork);
        Assert.True(y[0] < y[4]);
    }

    [Theory]
    [InlineData(new long[] { 2, 3 })]
    [InlineData(new long[] { 2, 3, 4 })]
    public void One_dimensional_batch_norm_is_its_formula(long[] lengths)
    {
        var norm = new BatchNorm1d(3, epsilon: 0.5f);
        var weights = new Caliper.Torch.StateDict(
        [
            new("weight", Tensor.Vector(1f, 2, 3)), new("bias", Tensor.Vector(0f, -1, 1)),
            new("running_mean", Tensor.Vector(0.5f, 0, 1)), new("running_var", Tensor.Vector(1.5f, 3.5f, 0.5f)),
        ]);
        var x = Ramp(lengths);
        using var model = norm.ToModel(weights, Shape.Of(lengths[1..]));
        var y = model.Run(x).Span<float>().ToArray();

        var perChannel = x.Count / 6;
        float Expected(float value, int channel) =>
            weights["weight"].Span<float>()[channel] * (value - weights["running_mean"].Span<float>()[channel])
            / MathF.Sqrt(weights["running_var"].Span<float>()[channel] + 0.5f) + weights["bias"].Span<float>()[channel];
        var expected = x.Span<float>().ToArray().Select((v, i) => Expected(v, i / perChannel % 3));
        Assert.Equal(expected, y, (a, b) => Math.Abs(a - b) < Tolerances.SmallNetwork);
    }

    private sealed class Gate : Module
    {
        private readonly AdaptiveAvgPool2d pool = new(1);

        protected override Signal Forward(Signal x) => Signal.Cat(x + x, x * x.Through(pool));
    }

    [Fact]
    public void Signals_are_added_scaled_and_joined()
    {
        var y = Run(new Gate(), Tensor.Of(Shape.Of(1, 1, 1, 2), new float[] { 1, 3 }));
        Assert.Equal(Shape.Of(1, 2, 1, 2), y.Shape);
        Assert.Equal([2, 6, 2, 6], y.Span<float>().ToArray());
    }

    private static void AssertShape(Module layer, Sliding s) => _ = Run(layer, Ramp(2, 2, s.Height, s.Width));

    private static Tensor Run(Module layer, Tensor x)
    {
        using var model = layer.ToModel(layer.RandomWeights(), new Shape(x.Shape.Dimensions[1..]));
        var y = model.Run(x);
        Assert.Equal(model.Model.Graph.Outputs[0].Shape!.Value.With(0, x.Shape[0]), y.Shape);
        return y;
    }

    private static Tensor Ramp(params long[] lengths)
    {
        var shape = Shape.Of(lengths);
        var values = Enumerable.Range(0, (int)shape.ElementCount).Select(i => i * 7 % 31 * 0.1f + i * 0.01f);
        return Tensor.Of(shape, values.ToArray());
    }

    private static float[] MaxPool(Tensor x, Sliding s, bool ceilMode)
    {
        var pixels = x.Span<float>();
        int Positions(int length, int kernel, int stride, int padding, int dilation)
        {
            var span = length + 2 * padding - dilation * (kernel - 1) - 1;
            var positions = (ceilMode ? (span + stride - 1) / stride : span / stride) + 1;
            return ceilMode && (positions - 1) * stride >= length + padding ? positions - 1 : positions;
        }
        var rows = Positions(s.Height, s.Kernel.Height, s.Stride.Height, s.Padding.Height, s.Dilation.Height);
        var columns = Positions(s.Width, s.Kernel.Width, s.Stride.Width, s.Padding.Width, s.Dilation.Width);
        var result = new List<float>();
        for (var at = 0; at < 2 * rows * columns; at++)
        {
            var (channel, row, column) = (at / (rows * columns), at / columns % rows, at % columns);
            var largest = float.NegativeInfinity;
            for (var k = 0; k < s.Kernel.Height * s.Kernel.Width; k++)
            {
                var y = row * s.Stride.Height - s.Padding.Height + k / s.Kernel.Width * s.Dilation.Height;
                var z = column * s.Stride.Width - s.Padding.Width + k % s.Kernel.Width * s.Dilation.Width;
                if (y < 0 || y >= s.Height || z < 0 || z >= s.Width) continue;
                largest = Math.Max(largest, pixels[(channel * s.Height + y) * s.Width + z]);
            }
            result.Add(largest);
        }
        return [.. result];
    }
}
