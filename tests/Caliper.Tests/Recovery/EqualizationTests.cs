using Caliper.Graphs;
using Caliper.Preparation;
using Caliper.Recovery;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Tests.Recovery;

/// <summary>Equalization changes what is rounded, and nothing else.</summary>
public class EqualizationTests
{
    /// <summary>The blocks of which nothing is undone, so that ONNX Runtime computes the same operations in the same order.</summary>
    private static readonly string[] Exact = [.. UnevenNetwork.Blocks.Except(["gelu"])];

    private static readonly Gen<string[]> SomeBlocks = Gen.Int[0, Exact.Length - 1].Select(b => Exact[b]).Array[1, 6];

    [Fact]
    public void It_computes_the_same_whatever_the_network_is_made_of() =>
        Gen.Select(Gen.Int[0, 10_000], SomeBlocks).Sample((seed, blocks) =>
        {
            using var model = UnevenNetwork.Of(seed, blocks);
            ComputesTheSame(model);
        }, iter: 60, threads: 1);

    [Fact]
    public void Every_kind_of_block_alone_computes_the_same() => Assert.All(UnevenNetwork.Blocks, block =>
    {
        using var model = UnevenNetwork.Of(5, block);
        ComputesTheSame(model);
    });

    [Fact]
    public void Layers_and_values_keep_their_names() => Assert.All(UnevenNetwork.Blocks, block =>
    {
        using var model = UnevenNetwork.Of(5, block);
        using var fused = model.Fuse();
        using var equalized = Equalized(fused);
        Assert.Equal(fused.Layers.Select(l => l.Name),
            equalized.Layers.Select(l => l.Name)
                .Where(n => !n.EndsWith(".undone", StringComparison.Ordinal) && !n.EndsWith(".divided", StringComparison.Ordinal)));
        var values = equalized.Layers.SelectMany(l => l.Outputs).ToHashSet();
        Assert.All(fused.Layers.SelectMany(l => l.Outputs), value => Assert.Contains(value, values));
        // What is seen of one is not what is seen of the other.
        Assert.Equal(fused == equalized, fused.Fingerprint.AsSpan().SequenceEqual(equalized.Fingerprint));
    });

    [Theory, InlineData("relu"), InlineData("prelu"), InlineData("leaky"), InlineData("depthwise"), InlineData("silu"), InlineData("concat"),
        InlineData("residual"), InlineData("maxpool"), InlineData("averagepool"), InlineData("affine"), InlineData("hardswish last")]
    public void It_finds_work_where_channels_differ(string block)
    {
        using var model = UnevenNetwork.Of(5, block);
        using var fused = model.Fuse();
        var result = Find(fused);
        Assert.True(result.Sites.Length >= 3, $"{result.Sites.Length} sites");
        Assert.All(result.Sites, s => Assert.True(s.GreatestFactor > 1));
        // Powers of two take up to 3 dB of what other factors would win.
        Assert.Contains(result.Sites, s => s.GainDecibels > 5);
    }

    [Fact]
    public void Int8_networks_of_uneven_channels_come_closer_to_float()
    {
        using var model = UnevenNetwork.Compensated();
        using var fused = model.Fuse();
        using var equalized = Equalized(fused);
        var (before, after) = (Int8Decibels(fused), Int8Decibels(equalized));
        Assert.True(after > before + 6, $"{before:F1} dB before, {after:F1} dB after");
    }

    /// <summary>Its output keeps what the product reads from being divided for all.</summary>
    [Fact]
    public void A_product_divides_for_itself_what_others_read_as_it_is()
    {
        var network = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4)
            .Constant("gains", Tensor.Of(Shape.Of(4, 1, 1), [64f, 1f, 1f, 1f])).Node("Mul", "a.relu gains", "uneven")
            .Constant("b.w", Tensor.Of(Shape.Of(4, 4, 1, 1),
                [.. Enumerable.Range(0, 16).Select(i => (i % 4 == 0 ? 1f / 64 : 1) * (1 - (i / 4 * 0.4f)))]))
            .Node("Conv", "uneven b.w", "y").Node("Mul", "uneven gains", "z").Output("y").Output("z");
        using var model = network.Build();
        using var fused = model.Fuse();
        var factors = Find(fused).Factors;
        var exponents = Assert.Single(factors.Reads, r => r.Key == "y").Value;
        Assert.True(exponents[0] >= exponents[1] + 4, string.Join(", ", exponents));
        using var equalized = fused.Equalize(factors);
        var inputs = UnevenNetwork.Batch(fused, 4).Inputs;
        Assert.Equal(fused.Run(inputs)["y"].Span<float>().ToArray(), equalized.Run(inputs)["y"].Span<float>().ToArray());
        // It divides in float, and what it makes is rounded once.
        var plan = Planner.Plan(equalized, QConfig.Default);
        var division = plan.Layers.Single(l => l.Layer.Name.EndsWith(".divided", StringComparison.Ordinal));
        Assert.Equal((false, "division"), (division.IsInteger, division.Diagnostic?.Code));
        Assert.NotNull(plan.SiteOf(division.Layer.Output));
    }

    [Fact]
    public void A_network_with_nothing_to_win_is_returned_as_it_is()
    {
        using var model = new TestModel().Input("x", -1, 3, 8, 8).Weights("w", 1, 4, 3, 3, 3).Node("Conv", "x w", "y").Output("y").Build();
        using var fused = model.Fuse();
        Assert.Same(fused, Equalized(fused));
        Assert.Empty(Find(fused).Sites);
    }

    [Fact]
    public void Weights_that_two_layers_read_stay()
    {
        using var model = new TestModel().Input("x", -1, 4, 8, 8).Weights("w", 1, 4, 4, 1, 1).Node("Conv", "x w", "a").Node("Relu", "a", "b")
            .Node("Conv", "b w", "c").Node("Relu", "c", "d").Node("Conv", "d w", "y").Output("y").Build();
        using var fused = model.Fuse();
        Assert.Same(fused, Equalized(fused));
    }

    private static EqualizationResult Find(FusedModel fused) =>
        Equalization.Find(fused, UnevenNetwork.Observe(fused), QConfig.Default);

    private static FusedModel Equalized(FusedModel fused) => fused.Equalize(Find(fused).Factors);

    /// <summary>A factor is a power of two, so that nothing is rounded otherwise.</summary>
    private static void ComputesTheSame(FloatModel model)
    {
        using var fused = model.Fuse();
        using var equalized = Equalized(fused);
        var inputs = UnevenNetwork.Batch(fused, 4, seed: 8).Inputs;
        var (expected, actual) = (fused.Run(inputs)["y"].Span<float>().ToArray(), equalized.Run(inputs)["y"].Span<float>().ToArray());
        var greatest = expected.Max(MathF.Abs);
        if (equalized.Equalization.Undone.IsEmpty) Assert.Equal(expected, actual);
        else Assert.All(expected.Zip(actual), p => Assert.InRange(MathF.Abs(p.First - p.Second), 0, Tolerances.EqualizedRelative * greatest));
    }

    private static double Int8Decibels(FusedModel fused)
    {
        using var prepared = fused.Prepare(QConfig.Default);
        prepared.Load(UnevenNetwork.Observe(fused));
        using var int8 = prepared.Convert();
        var inputs = UnevenNetwork.Batch(fused, 4, seed: 8).Inputs;
        var (signal, noise) = (0d, 0d);
        foreach (var (a, b) in fused.Run(inputs)["y"].Span<float>().ToArray().Zip(int8.Run(inputs)["y"].Span<float>().ToArray()))
            (signal, noise) = (signal + (double)a * a, noise + ((double)a - b) * ((double)a - b));
        return 10 * Math.Log10(signal / noise);
    }
}
