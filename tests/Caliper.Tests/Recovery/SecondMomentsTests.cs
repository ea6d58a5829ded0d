using Caliper.Graphs;
using Caliper.Recovery;
using Caliper.Testing;

namespace Caliper.Tests.Recovery;

/// <summary>The moments of what a layer multiplies must tell the mean and the variance of what it computes.</summary>
public class SecondMomentsTests
{
    public static TheoryData<string> Layers =>
        ["plain", "padded", "strided", "dilated", "grouped", "depthwise", "one axis", "same", "same lower", "gemm", "gemm transposed", "matmul"];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Mean_and_variance_of_every_output_follow_from_them(string kind)
    {
        using var model = Network(kind).Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var random = new TestModel(3);
        var input = fused.Inputs[0].Shape!.Value;
        Dictionary<string, Tensor>[] samples = [.. Enumerable.Range(0, 5)
            .Select(_ => new Dictionary<string, Tensor> { [""] = random.RandomTensor(input.With(0, kind == "matmul" ? 2 : 1), 2) })];
        var moments = SecondMoments.Collect(fused, prepared.Plan, samples).Of(fused.Layers[0])!;

        var node = fused.Layers[0].Operation;
        var weights = fused.Model.Graph.Constant(node.Inputs[1])!;
        var places = WeightPlaces.Of(node, weights, moments.Taps);
        Tensor[] results = [.. samples.Select(s => fused.Run(s).Single().Value)];
        for (var output = 0; output < places.Outputs; output++)
        {
            var values = results.SelectMany(r => ChannelOf(r, output, isLast: node.OpType != "Conv")).ToArray();
            var group = output / (places.Outputs / moments.Groups);
            var (mean, covariance) = (moments.MeanOf(group), moments.CovarianceOf(group, 0));
            double[] w = [.. Enumerable.Range(0, moments.Taps).Select(t => (double)weights.Span<float>()[places.Index(output, t)])];
            var variance = w.Select((a, i) => w.Select((b, j) => a * b * covariance[i * w.Length + j]).Sum()).Sum();
            Assert.Equal(values.Average(), w.Zip(mean, (a, b) => a * b).Sum(), Tolerances.FloatSums);
            Assert.Equal(values.Select(v => Math.Pow(v - values.Average(), 2)).Average(), variance, Tolerances.FloatSums);
            Assert.Equal(values.LongLength, moments.CountOf(group));
        }
    }

    [Fact]
    public void Covariances_keep_their_digits_far_from_zero()
    {
        var moments = new LayerMoments(1, 3, 1);
        // Far from zero, where float32 sums of squares would keep nothing of what varies.
        moments.Add(new Patches(Tensor.Of(Shape.Of(2, 3), [1001f, 2000f, -3000f, 1003f, 2002f, -3004f]), 3, 2), [0, 1]);
        Assert.Equal([1002, 2001, -3002], moments.MeanOf(0));
        Assert.Equal([1, 1, -2, 1, 1, -2, -2, -2, 4], moments.CovarianceOf(0, 0));
    }

    [Fact]
    public void Patches_with_a_NaN_are_left_out()
    {
        var moments = new LayerMoments(1, 2, 1);
        var patches = new Patches(Tensor.Of(Shape.Of(3, 2), [1f, 2f, float.NaN, 4f, float.PositiveInfinity, 6f]), 2, 3);
        moments.Add(patches, [0, 1, 2]);
        Assert.Equal(1, moments.CountOf(0));
        Assert.Equal([1, 2], moments.MeanOf(0));
    }

    [Fact]
    public void Long_patches_are_cut_into_blocks_of_whole_channels()
    {
        var moments = new LayerMoments(1, 300 * 9, 9);
        Assert.Equal([0..675, 675..1350, 1350..2025, 2025..2700], moments.Blocks);
    }

    [Fact]
    public void Layers_that_stay_float_have_none()
    {
        using var model = Network("plain").Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(((QConfigMapping)QConfig.Default).SetNameGlob("*", null));
        var samples = new[] { new TestModel().Input("x", -1, 4, 7, 6).Batch(1) };
        Assert.Null(SecondMoments.Collect(fused, prepared.Plan, samples).Of(fused.Layers[0]));
    }

    private static TestModel Network(string kind)
    {
        var model = new TestModel(7).Output("y");
        return kind switch
        {
            "gemm" => model.Input("x", -1, 6).Weights("w", 1, 6, 5).Node("Gemm", "x w", "y"),
            "gemm transposed" => model.Input("x", -1, 6).Weights("w", 1, 5, 6).Node("Gemm", "x w", "y", n => n.With("transB", 1)),
            "matmul" => model.Input("x", -1, 3, 6).Weights("w", 1, 6, 5).Node("MatMul", "x w", "y"),
            "one axis" => model.Input("x", -1, 4, 9).Weights("w", 1, 5, 4, 3).Node("Conv", "x w", "y",
                n => n.With("pads", 2, 1).With("strides", [2L])),
            _ => model.Input("x", -1, 4, 7, 6)
                .Weights("w", 1, kind == "depthwise" ? 8 : 6, kind switch { "depthwise" => 1, "grouped" => 2, _ => 4 }, 3, 2)
                .Node("Conv", "x w", "y", n => kind switch
                {
                    "padded" => n.With("pads", 1, 0, 2, 1),
                    "strided" => n.With("strides", 2, 3).With("pads", 1, 1, 1, 1),
                    "dilated" => n.With("dilations", 2, 3),
                    "grouped" => n.With("group", 2),
                    "depthwise" => n.With("group", 4).With("pads", 1, 1, 1, 1),
                    "same" => n.With("auto_pad", "SAME_UPPER"),
                    "same lower" => n.With("auto_pad", "SAME_LOWER").With("strides", 2, 2),
                    _ => n,
                }),
        };
    }

    private static IEnumerable<double> ChannelOf(Tensor result, int channel, bool isLast)
    {
        var values = result.Span<float>().ToArray();
        var channels = (int)result.Shape[isLast ? -1 : 1].Length;
        var inner = isLast ? 1 : values.Length / (int)result.Shape[0].Length / channels;
        return values.Where((_, i) => i / inner % channels == channel).Select(v => (double)v);
    }
}
