using Caliper.Recovery;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Tests.Recovery;

/// <summary>Equalization changes what is rounded, and nothing else.</summary>
public class EqualizationTests
{
    private static readonly Gen<string[]> SomeBlocks = Gen.Int[0, UnevenNetwork.Blocks.Count - 1].Select(b => UnevenNetwork.Blocks[b]).Array[1, 6];

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
        using var equalized = Equalization.Apply(fused, UnevenNetwork.Observe(fused), QConfig.Default).Model;
        Assert.Equal(fused.Layers.Select(l => l.Name),
            equalized.Layers.Select(l => l.Name).Where(n => !n.EndsWith(".undone", StringComparison.Ordinal)));
        var values = equalized.Layers.SelectMany(l => l.Outputs).ToHashSet();
        Assert.All(fused.Layers.SelectMany(l => l.Outputs), value => Assert.Contains(value, values));
        Assert.Equal(fused.Fingerprint, equalized.Fingerprint);
    });

    [Theory, InlineData("relu"), InlineData("prelu"), InlineData("leaky"), InlineData("depthwise"), InlineData("silu"), InlineData("concat"),
        InlineData("residual"), InlineData("maxpool"), InlineData("averagepool"), InlineData("affine"), InlineData("hardswish last")]
    public void It_finds_work_where_channels_differ(string block)
    {
        using var model = UnevenNetwork.Of(5, block);
        using var fused = model.Fuse();
        var result = Equalization.Apply(fused, UnevenNetwork.Observe(fused), QConfig.Default);
        using var equalized = result.Model;
        Assert.True(result.Sites.Length >= 3, $"{result.Sites.Length} sites");
        Assert.All(result.Sites, s => Assert.True(s.GreatestFactor > 1));
        Assert.Contains(result.Sites, s => s.GainDecibels > 6);
    }

    [Fact]
    public void Int8_networks_of_uneven_channels_come_closer_to_float()
    {
        using var model = UnevenNetwork.Compensated();
        using var fused = model.Fuse();
        using var equalized = Equalization.Apply(fused, UnevenNetwork.Observe(fused), QConfig.Default).Model;
        var (before, after) = (Int8Decibels(fused), Int8Decibels(equalized));
        Assert.True(after > before + 6, $"{before:F1} dB before, {after:F1} dB after");
    }

    [Fact]
    public void A_network_with_nothing_to_win_is_returned_as_it_is()
    {
        using var model = new TestModel().Input("x", -1, 3, 8, 8).Weights("w", 1, 4, 3, 3, 3).Node("Conv", "x w", "y").Output("y").Build();
        using var fused = model.Fuse();
        var result = Equalization.Apply(fused, UnevenNetwork.Observe(fused), QConfig.Default);
        Assert.Same(fused, result.Model);
        Assert.Empty(result.Sites);
    }

    [Fact]
    public void Weights_that_two_layers_read_stay()
    {
        using var model = new TestModel().Input("x", -1, 4, 8, 8).Weights("w", 1, 4, 4, 1, 1).Node("Conv", "x w", "a").Node("Relu", "a", "b")
            .Node("Conv", "b w", "c").Node("Relu", "c", "d").Node("Conv", "d w", "y").Output("y").Build();
        using var fused = model.Fuse();
        Assert.Same(fused, Equalization.Apply(fused, UnevenNetwork.Observe(fused), QConfig.Default).Model);
    }

    private static void ComputesTheSame(FloatModel model)
    {
        using var fused = model.Fuse();
        var result = Equalization.Apply(fused, UnevenNetwork.Observe(fused), QConfig.Default);
        using var equalized = result.Model;
        var inputs = UnevenNetwork.Batch(fused, 4, seed: 8).Inputs;
        var (expected, actual) = (fused.Run(inputs)["y"], equalized.Run(inputs)["y"]);
        var greatest = expected.Span<float>().ToArray().Max(MathF.Abs);
        foreach (var (a, b) in expected.Span<float>().ToArray().Zip(actual.Span<float>().ToArray()))
            Assert.InRange(MathF.Abs(a - b), 0, Tolerances.EqualizedRelative * greatest);
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
