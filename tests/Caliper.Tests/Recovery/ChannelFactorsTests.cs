using Caliper.Analysis;
using Caliper.Preparation;
using Caliper.Recovery;

namespace Caliper.Tests.Recovery;

/// <summary>Factors belong to one network; they go into recipes and files, and come out again.</summary>
public class ChannelFactorsTests
{
    [Theory, InlineData("residual"), InlineData("concat"), InlineData("gelu"), InlineData("squeeze and excite")]
    public void A_recipe_keeps_them(string block)
    {
        using var model = UnevenNetwork.Of(5, block);
        using var fused = model.Fuse();
        var factors = FactorsOf(fused);
        Assert.False(factors.IsEmpty);
        var read = Recipe.FromJson((Recipe.Empty with { Equalization = factors }).ToJson()).Equalization;
        Assert.Equal(factors, read);
        Assert.False(read.Reads.IsEmpty);
        Assert.Equal(block == "gelu", !read.Undone.IsEmpty);
    }

    [Fact]
    public void Those_of_another_network_are_refused()
    {
        using var model = UnevenNetwork.Of(5, "relu");
        using var fused = model.Fuse();
        var factors = FactorsOf(fused);
        var (value, exponents) = factors.Exponents.First();
        Refused("'stranger', which this network does not have", factors with { Exponents = factors.Exponents.Add("stranger", [1]) });
        Refused($"divides {exponents.Length + 1} channels of '{value}', which has {exponents.Length}",
            factors with { Exponents = factors.Exponents.SetItem(value, exponents.Add(0)) });
        var product = fused.Model.Graph.Nodes.Last(n => n.OpType == "Conv").Output;
        Refused("what 'stranger' reads, which is no product", factors with { Reads = factors.Reads.Add("stranger", [1]) });
        Refused($"divides 1 channels of what '{product}' reads, which has 8", factors with { Reads = factors.Reads.SetItem(product, [1]) });
        Refused("which does not read it divided", factors with { Undone = factors.Undone.Add(fused.Outputs[0].Name, value) });

        void Refused(string message, ChannelFactors wrong) => Assert.Contains(message,
            Assert.Throws<CaliperException>(() => fused.Equalize(wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Edited_so_that_the_network_would_compute_something_else_they_are_refused()
    {
        using var model = UnevenNetwork.Of(5, "relu");
        using var fused = model.Fuse();
        var factors = FactorsOf(fused);
        var relu = fused.Model.Graph.Nodes.First(n => n.OpType == "Relu" && factors.Exponents.ContainsKey(n.Output));
        var changed = factors.Exponents[relu.Output].SetItem(0, factors.Exponents[relu.Output][0] > 0 ? -1 : 1);
        var error = Assert.Throws<CaliperException>(() =>
            fused.Equalize(factors with { Exponents = factors.Exponents.SetItem(relu.Output, changed) }));
        Assert.Contains($"channel 0 of '{relu.Output}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_with_other_factors_than_the_prepared_network_is_refused()
    {
        using var model = UnevenNetwork.Of(5, "relu");
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        prepared.Load(UnevenNetwork.Observe(fused));
        var error = Assert.Throws<CaliperException>(() => prepared.Convert(new()
        {
            Recipe = Recipe.Empty with { Equalization = FactorsOf(fused) },
        }));
        Assert.Contains("by other factors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Statistics_of_the_network_as_it_was_are_refused()
    {
        using var model = UnevenNetwork.Of(5, "relu");
        using var fused = model.Fuse();
        using var equalized = fused.Equalize(FactorsOf(fused));
        using var prepared = equalized.Prepare(QConfig.Default);
        Assert.Throws<CaliperException>(() => prepared.Load(UnevenNetwork.Observe(fused)));
        prepared.Load(UnevenNetwork.Observe(equalized));
    }

    [Fact]
    public void An_int8_file_is_compared_with_the_float_network_as_it_was()
    {
        using var model = UnevenNetwork.Of(5, "residual");
        using var fused = model.Fuse();
        using var equalized = fused.Equalize(FactorsOf(fused));
        using var prepared = equalized.Prepare(QConfig.Default);
        prepared.Load(UnevenNetwork.Observe(equalized));
        using var int8 = prepared.Convert();
        var report = LayerComparison.Compare(fused, int8, [UnevenNetwork.Batch(fused, 4)]);
        var same = LayerComparison.Compare(equalized, int8, [UnevenNetwork.Batch(fused, 4)]);
        Assert.Equal(same.Tensors.Select(t => t.LocalDecibels), report.Tensors.Select(t => t.LocalDecibels));
        Assert.All(report.Tensors.Where(t => t.LocalDecibels is not null), t => Assert.True(t.LocalDecibels > 20, $"{t}"));
        using var other = UnevenNetwork.Of(5, "gelu");
        using var another = other.Fuse();
        Assert.StartsWith("The int8 network was not made of this float network", Assert.Throws<CaliperException>(() =>
            LayerComparison.Compare(another, int8, [UnevenNetwork.Batch(another, 4)])).Message, StringComparison.Ordinal);
    }

    private static ChannelFactors FactorsOf(FusedModel fused) =>
        Equalization.Find(fused, UnevenNetwork.Observe(fused), QConfig.Default).Factors;
}
