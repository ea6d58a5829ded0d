using Caliper.Calibration;
using Caliper.DataFree;
using Caliper.Graphs;
using Caliper.Search;

namespace Caliper.Tests.DataFree;

/// <summary>Statistics without data: from batch norms, deterministic, and refused where nothing tells.</summary>
public class DataFreeCalibrationTests
{
    [Fact]
    public void Statistics_have_the_moments_that_batch_norms_tell()
    {
        using var model = Blocks().Output("b.relu").Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var expected = DataFreeCalibration.Of(prepared).Tensors["b.relu"].All;
        var graph = model.Model.Graph;
        float[] Values(string name) => graph.Constant(name)!.Span<float>().ToArray();
        var (gamma, beta, variance) = (Values("b.bn.gamma"), Values("b.bn.beta"), Values("b.bn.var"));
        for (var c = 0; c < beta.Length; c++)
        {
            var law = ChannelLaw.Of([beta[c]], [Math.Abs(gamma[c]) * Math.Sqrt(variance[c] / (variance[c] + 1e-5))]);
            var cut = law.Through((_, x) => Math.Max(x, 0)).Moments[0];
            Assert.Equal(cut.Mean, expected.Channels[c].Mean, 2e-3);
            Assert.Equal(cut.Variance, expected.Channels[c].Variance, 2e-2);
            Assert.True(expected.Channels[c].Min >= 0);
        }
        Assert.Equal(0, expected.Min);
    }

    [Fact]
    public void Nothing_is_random_and_the_file_is_a_calibration_like_any_other()
    {
        using var model = Blocks().Output("b.relu").Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var bytes = DataFreeCalibration.Of(prepared).ToBytes();
        Assert.Equal(bytes, DataFreeCalibration.Of(prepared).ToBytes());
        using var again = fused.Prepare(QConfig.Default);
        again.Load(CalibrationStatistics.Load(bytes));
        using var quantized = again.Convert();
        Assert.True(quantized.Model.IsQuantized());
    }

    [Fact]
    public void The_network_whose_channels_are_divided_has_divided_statistics()
    {
        using var model = Uneven();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var before = DataFreeCalibration.Of(prepared);
        using var equalized = RecipeSearch.Equalized(prepared, before);
        Assert.NotNull(equalized);
        var after = DataFreeCalibration.Of(equalized);
        foreach (var (value, exponents) in equalized.Fused.Equalization.Exponents.Where(e => before.Tensors.ContainsKey(e.Key)))
        {
            var (one, other) = (before.Tensors[value].All.Channels, after.Tensors[value].All.Channels);
            for (var c = 0; c < exponents.Length; c++)
            {
                Assert.Equal(one[c].Mean, Math.ScaleB(other[c].Mean, exponents[c]), 1e-5);
                Assert.Equal(one[c].Max, MathF.ScaleB(other[c].Max, exponents[c]), 1e-5f);
            }
        }
    }

    [Fact]
    public void A_network_without_batch_norms_is_refused_by_the_first_value_that_nothing_tells()
    {
        using var model = new TestModel().Input("x", -1, 3, 8, 8).Weights("w", 1, 4, 3, 3, 3).Node("Conv", "x w", "c").Node("Relu", "c", "first")
            .Weights("v", 1, 4, 4, 1, 1).Node("Conv", "first v", "second").Node("Relu", "second", "y")
            .Weights("u", 1, 4, 4, 1, 1).Node("Conv", "y u", "z").Output("z").Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var error = Assert.Throws<CaliperException>(() => DataFreeCalibration.Of(prepared));
        Assert.Contains("'first', which a Relu returns", error.Message, StringComparison.Ordinal);
        Assert.Contains("no batch norm", error.Message, StringComparison.Ordinal);
        var allowed = DataFreeCalibration.Of(prepared, allowUnknown: true);
        Assert.Equal((true, 0L), (allowed.Tensors["x"].All.Count > 0, allowed.Tensors["first"].All.Count));
    }

    [Fact]
    public void A_product_without_a_batch_norm_is_followed_where_one_is_near()
    {
        using var model = Blocks().Weights("w", 1, 4, 8, 1, 1).Node("Conv", "b.relu w", "y").Output("y").Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var statistics = DataFreeCalibration.Of(prepared);
        var (read, made) = (statistics.Tensors["b.relu"].All.Channels, statistics.Tensors["y"].All.Channels);
        var weights = fused.Model.Graph.Constant("w")!.Span<float>().ToArray();
        for (var o = 0; o < 4; o++)
        {
            Assert.Equal(read.Select((r, i) => weights[(o * 8) + i] * r.Mean).Sum(), made[o].Mean, 0.01);
            Assert.Equal(read.Select((r, i) => weights[(o * 8) + i] * weights[(o * 8) + i] * r.Variance).Sum(), made[o].Variance, 0.02);
        }
        var predicted = Assert.Single(PredictedNoise.Of(Loaded(prepared, statistics), statistics));
        Assert.Equal("y", predicted.Output);
        Assert.InRange(predicted.SqnrDecibels, 20, 60);
    }

    [Theory, InlineData("silu"), InlineData("concat"), InlineData("add"), InlineData("pad"), InlineData("pool"), InlineData("leaky"),
        InlineData("split"), InlineData("squeeze and excite")]
    public void Ranges_pass_what_networks_are_made_of(string kind)
    {
        using var model = With(kind).Weights("w", 1, 4, kind is "concat" or "pad" ? 16 : kind == "split" ? 4 : 8, 1, 1)
            .Node("Conv", "made w", "y").BatchNorm("y.bn", "y", 4).Output("y.bn").Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var statistics = DataFreeCalibration.Of(prepared);
        Assert.All(prepared.Observers, o => Assert.True(statistics.Tensors[o.Site.Observed[0]].All.Count > 0, o.Site.Name));
        using var quantized = Loaded(prepared, statistics).Convert();
        Assert.True(quantized.Model.IsQuantized());
    }

    [Fact]
    public void Inputs_are_normalized_or_lie_between_what_is_given()
    {
        using var model = Blocks().Output("b.relu").Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var normalized = DataFreeCalibration.Of(prepared).Tensors["x"].All;
        Assert.All(normalized.Channels, c => Assert.Equal((0, 1), (Math.Round(c.Mean, 2), Math.Round(c.Variance, 1))));
        var between = DataFreeCalibration.Of(prepared, InputValues.Between([-1, 0, -2], [1, 3, 2])).Tensors["x"].All.Channels;
        Assert.Equal([-1f, 0f, -2f], between.Select(c => MathF.Round(c.Min, 2)));
        Assert.Equal([1f, 3f, 2f], between.Select(c => MathF.Round(c.Max, 2)));
        Assert.Throws<CaliperException>(() => InputValues.Between([1], [0]));
        Assert.Throws<CaliperException>(() => InputValues.Between([], []));
        Assert.Throws<CaliperException>(() => InputValues.Between([float.NaN], [0]));
        var error = Assert.Throws<CaliperException>(() => DataFreeCalibration.Of(prepared, InputValues.Between([0, 0], [1, 1])));
        Assert.Contains("'x' has 3 channels, not the 2", error.Message, StringComparison.Ordinal);
    }

    private static PreparedModel Loaded(PreparedModel prepared, CalibrationStatistics statistics)
    {
        prepared.Load(statistics);
        return prepared;
    }

    private static TestModel Blocks() => new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 8).ConvBlock("b", "a.relu", 8, 8);

    /// <summary>One channel in four is 32 times as large as the others, and multiplied by a 32th of their weights.</summary>
    private static FloatModel Uneven()
    {
        float[] Uneven(float large, float small) => [.. Enumerable.Range(0, 8).Select(c => c % 4 == 0 ? large : small)];
        return new TestModel().Input("x", -1, 3, 8, 8).Weights("a.w", 0.4f, 8, 3, 3, 3).Node("Conv", "x a.w", "a")
            .Constant("g", Tensor.Vector(Uneven(32, 1))).Constant("be", Tensor.Vector(Uneven(16, 0.5f))).Weights("m", 0.5f, 8)
            .Constant("v", Tensor.Vector(Uneven(1, 1))).Node("BatchNormalization", "a g be m v", "a.bn").Node("Relu", "a.bn", "a.relu")
            .Constant("b.w", Tensor.Of(Shape.Of(8, 8, 1, 1),
                [.. Enumerable.Range(0, 64).Select(i => (i % 4 == 0 ? 1f / 32 : 1) * (1 - (i / 8 * 0.2f)))]))
            .Node("Conv", "a.relu b.w", "b").BatchNorm("b.bn", "b", 8).Output("b.bn").Build();
    }

    private static TestModel With(string kind) => kind switch
    {
        "silu" => Blocks().Node("Sigmoid", "b.bn", "s").Node("Mul", "b.bn s", "made"),
        "concat" => Blocks().Node("Concat", "a.relu b.relu", "made", n => n.With("axis", 1L)),
        "add" => Blocks().Node("Add", "a.relu b.bn", "sum").Node("Relu", "sum", "made"),
        "pad" => Blocks().Constant("pads", Tensor.Of(Shape.Of(8), [0L, 4L, 0L, 0L, 0L, 4L, 0L, 0L])).Node("Pad", "b.relu pads", "made"),
        "pool" => Blocks().Node("AveragePool", "b.relu", "made", n => n.With("kernel_shape", 2, 2)),
        "leaky" => Blocks().Node("LeakyRelu", "b.bn", "made"),
        "split" => Blocks().Constant("parts", Tensor.Of(Shape.Of(2), [4L, 4L])).Node("Split", "b.relu parts", "made rest", n => n.With("axis", 1L))
            .Output("rest"),
        _ => Blocks().Node("GlobalAveragePool", "b.relu", "p").Weights("d", 1, 2, 8, 1, 1).Node("Conv", "p d", "down").Node("Relu", "down", "few")
            .Weights("u", 1, 8, 2, 1, 1).Node("Conv", "few u", "up").Node("Sigmoid", "up", "gate").Node("Mul", "b.relu gate", "made"),
    };
}
