using System.Collections.Immutable;
using Caliper.Analysis;
using Caliper.Graphs;
using Caliper.Preparation;
using Caliper.Recovery;
using Caliper.Statistics;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Tests.Recovery;

/// <summary>Few channels that reach far are read as several copies: more of the 256 levels are left to all others.</summary>
public class ChannelSplittingTests
{
    private const int Channels = 64;

    [Fact]
    public void Integers_of_all_copies_add_up_to_what_the_channel_is_rounded_to_alone() =>
        Gen.Select(Gen.Int[2, SplitChannels.MostCopies], Gen.Float[0.001f, 10], Gen.Float[-100, 100]).Sample((copies, step, steps) =>
        {
            var (parts, offsets) = SplitGraph.ColumnsOf(new SplitChannels(step, OfOne(0, copies)), 1, [.. Enumerable.Repeat(0, copies - 1)]);
            var sum = parts.Zip(offsets, (part, offset) => Math.Round((((double)steps * step * part) + offset) / step)).Sum();
            // Half a step, and what floats lose of it.
            Assert.InRange(Math.Abs(sum - steps), 0, 0.501);
            Assert.InRange(offsets.Sum(o => (double)o) / step, -1e-5, 1e-5);
        });

    [Theory, InlineData("MatMul"), InlineData("Gemm"), InlineData("Gemm transB")]
    public void The_float_network_computes_the_same(string product)
    {
        using var model = Outliers(product);
        using var fused = model.Fuse();
        using var split = fused.Equalize(Find(fused));
        Assert.Equal(fused.Layers.Select(l => l.Name), split.Layers.Select(l => l.Name).Where(n => !n.Contains(".split", StringComparison.Ordinal)));
        var inputs = UnevenNetwork.Batch(fused, 4).Inputs;
        foreach (var output in new[] { "y", "z" })
        {
            var (expected, actual) = (fused.Run(inputs)[output].Span<float>().ToArray(), split.Run(inputs)[output].Span<float>().ToArray());
            var greatest = expected.Max(MathF.Abs);
            Assert.All(expected.Zip(actual), p => Assert.InRange(MathF.Abs(p.First - p.Second), 0, Tolerances.EqualizedRelative * greatest));
        }
    }

    [Theory, InlineData("MatMul"), InlineData("Gemm"), InlineData("Gemm transB")]
    public void Int8_comes_closer_to_float(string product)
    {
        using var model = Outliers(product);
        using var fused = model.Fuse();
        using var split = fused.Equalize(Find(fused));
        var (before, after) = (Decibels(fused), Decibels(split));
        Assert.True(after > before + 5, $"{before:F1} dB before, {after:F1} dB after");
    }

    [Fact]
    public void Two_products_read_the_same_copies_in_as_few_columns_as_are_allowed()
    {
        using var model = Outliers("MatMul");
        using var fused = model.Fuse();
        var factors = Find(fused);
        var (value, split) = Assert.Single(factors.Splits);
        Assert.Equal("uneven", value);
        Assert.Equal([3, 40], split.Copies.Keys);
        Assert.InRange(split.Added, 1, Channels / 16);
        using var network = fused.Equalize(factors);
        var read = network.Model.Graph.Nodes.Where(n => n.OpType is "MatMul").Select(n => n.Inputs[0]).Distinct();
        Assert.Equal(Channels + split.Added, network.Model.Graph.Find(Assert.Single(read))!.Shape!.Value[1].Length);
    }

    [Fact]
    public void Channels_of_one_size_stay_and_so_does_what_is_never_seen()
    {
        Assert.Null(ChannelSplitting.Split([.. Enumerable.Range(0, Channels).Select(c => Reaching(1 + (c * 0.001f)))]));
        Assert.Null(ChannelSplitting.Split([.. Enumerable.Range(0, Channels).Select(_ => Reaching(0))]));
        Assert.Null(ChannelSplitting.Split([Reaching(float.PositiveInfinity), .. Enumerable.Range(1, Channels).Select(_ => Reaching(1))]));
        Assert.NotNull(ChannelSplitting.Split([Reaching(4), .. Enumerable.Range(1, Channels).Select(_ => Reaching(1))]));

        static ChannelStatistics Reaching(float reach) => new(10, 0, -reach, reach, 0, reach * reach / 4);
    }

    [Fact]
    public void A_recipe_keeps_them_and_a_file_tells_them()
    {
        using var model = Outliers("MatMul");
        using var fused = model.Fuse();
        var factors = Find(fused);
        Assert.Equal(factors, Recipe.FromJson((Recipe.Empty with { Equalization = factors }).ToJson()).Equalization);
        Assert.NotEqual(factors, factors with { Splits = factors.Splits.SetItem("uneven", factors.Splits["uneven"] with { Step = 1 }) });
        using var split = fused.Equalize(factors);
        using var int8 = Converted(split);
        var report = LayerComparison.Compare(fused, int8, [UnevenNetwork.Batch(fused, 4)]);
        Assert.All(report.Outputs, o => Assert.True(double.IsFinite(o.Decibels)));
    }

    [Theory]
    [InlineData("""{"step": 0, "copies": {"1": 2}}""", "above 0")]
    [InlineData("""{"copies": {"1": 2}}""", "\"step\"")]
    [InlineData("""{"step": 1, "copies": {"1": 1}}""", "2 to 64 copies")]
    [InlineData("""{"step": 1, "copies": {"1": 65}}""", "2 to 64 copies")]
    [InlineData("""{"step": 1, "copies": {"-1": 2}}""", "by their number")]
    public void A_wrong_recipe_is_refused(string split, string message)
    {
        var json = """{"equalization": {"split": {"uneven": SPLIT}}}""".Replace("SPLIT", split, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<CaliperException>(() => Recipe.FromJson(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Those_of_another_network_are_refused()
    {
        using var model = Outliers("MatMul");
        using var fused = model.Fuse();
        Refused("'stranger', which no product reads", "stranger", OfOne(0, 2));
        Refused("'uneven', which has 64", "uneven", OfOne(Channels, 2));
        Refused("'uneven', which has 64", "uneven", OfOne(0, SplitChannels.MostCopies).Add(1, SplitChannels.MostCopies));

        void Refused(string message, string value, ImmutableSortedDictionary<int, int> copies)
        {
            var wrong = ChannelFactors.None with { Splits = ChannelFactors.None.Splits.Add(value, new SplitChannels(1, copies)) };
            Assert.Contains(message, Assert.Throws<CaliperException>(() => fused.Equalize(wrong)).Message, StringComparison.Ordinal);
        }
    }

    private static ImmutableSortedDictionary<int, int> OfOne(int channel, int copies) =>
        ImmutableSortedDictionary<int, int>.Empty.Add(channel, copies);

    /// <summary>Two products of a float value, two of whose channels reach further than the others.</summary>
    private static FloatModel Outliers(string product)
    {
        var gains = Enumerable.Repeat(1f, Channels).ToArray();
        (gains[3], gains[40]) = (3.5f, 2.5f);
        var network = new TestModel().Input("x", -1, Channels).Constant("gains", Tensor.Vector(gains)).Node("Erf", "x", "even")
            .Node("Mul", "even gains", "uneven");
        foreach (var output in new[] { "y", "z" })
        {
            var isTransposed = product.EndsWith('B');
            network.Weights(output + ".w", 0.3f, isTransposed ? 16 : Channels, isTransposed ? Channels : 16)
                .Node(product.Split(' ')[0], $"uneven {output}.w", output, n => isTransposed ? n.With("transB", 1L) : n).Output(output);
        }
        return network.Build();
    }

    private static ChannelFactors Find(FusedModel fused) => ChannelSplitting.Find(fused, UnevenNetwork.Observe(fused), QConfig.Default);

    private static QuantizedModel Converted(FusedModel fused)
    {
        using var prepared = fused.Prepare(QConfig.Default);
        prepared.Load(UnevenNetwork.Observe(fused));
        return prepared.Convert();
    }

    private static double Decibels(FusedModel fused)
    {
        using var int8 = Converted(fused);
        var inputs = UnevenNetwork.Batch(fused, 64, seed: 8).Inputs;
        var (signal, noise) = (0d, 0d);
        foreach (var (a, b) in fused.Run(inputs)["y"].Span<float>().ToArray().Zip(int8.Run(inputs)["y"].Span<float>().ToArray()))
            (signal, noise) = (signal + (double)a * a, noise + ((double)a - b) * ((double)a - b));
        return 10 * Math.Log10(signal / noise);
    }
}
