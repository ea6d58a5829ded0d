using Caliper.Graphs;
using Caliper.Preparation;

namespace Caliper.Tests;

/// <summary>What comes after the last product is not squeezed into 256 values.</summary>
public class NetworkTailTests
{
    [Theory]
    [InlineData("Sigmoid")]
    [InlineData("Softmax")]
    [InlineData("HardSwish")]
    [InlineData("GlobalAveragePool")]
    public void A_function_after_the_last_convolution_computes_in_float(string function)
    {
        var plan = PlanOf(One().Node(function, "a.relu", "y").Output("y"));
        Assert.True(plan.Layers[0].IsInteger);
        Assert.Equal((false, "result"), (plan.Layers[1].IsInteger, plan.Layers[1].Diagnostic!.Code));
    }

    [Fact]
    public void A_function_after_the_last_matrix_reads_the_sums_as_float()
    {
        var plan = PlanOf(new TestModel().Input("x", -1, 6).Weights("w", 0.5f, 6, 5).Node("MatMul", "x w", "m")
            .Constant("shape", Tensor.Vector<long>(-1, 5, 1)).Node("Reshape", "m shape", "r").Node("Softmax", "r", "y").Output("y"));
        Assert.Equal([true, false, false], plan.Layers.Select(l => l.IsInteger));
        Assert.True(plan.Layers[0].GivesFloat);
    }

    [Fact]
    public void What_only_moves_the_bytes_of_a_convolution_moves_bytes()
    {
        var plan = PlanOf(One().Node("Transpose", "a.relu", "y", n => n.With("perm", 0, 2, 3, 1)).Output("y"));
        Assert.All(plan.Layers, l => Assert.True(l.IsInteger));
    }

    [Fact]
    public void Tensors_that_only_the_output_joins_keep_ranges_of_their_own()
    {
        var plan = PlanOf(One().ConvBlock("b", "x", 3, 4).Node("Concat", "a.relu b.relu", "y", n => n.With("axis", 1)).Output("y"));
        Assert.Equal(3, plan.Sites.Length); // The input and both branches.
        Assert.False(plan.Layers[^1].IsInteger);
    }

    [Fact]
    public void A_function_before_a_product_is_no_tail_even_where_it_is_returned_too()
    {
        var plan = PlanOf(One().Node("Sigmoid", "a.relu", "s").ConvBlock("b", "s", 4, 4).Output("s").Output("b.relu"));
        Assert.All(plan.Layers, l => Assert.True(l.IsInteger));
    }

    [Fact]
    public void PyTorchs_qconfigs_squeeze_results_as_PyTorch_does()
    {
        var plan = PlanOf(One().Node("Sigmoid", "a.relu", "y").Output("y"), QConfig.X86);
        Assert.All(plan.Layers, l => Assert.True(l.IsInteger));
    }

    [Theory]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.MinValue)]
    [InlineData(-1e9f)]
    [InlineData(-1e4f)]
    public void A_mask_is_added_in_float_up_to_its_softmax(float masked)
    {
        var plan = PlanOf(Attention(masked));
        Assert.Equal([true, false, false, true], plan.Layers.Select(l => l.IsInteger));
        Assert.Equal("mask", plan.Layers[1].Diagnostic!.Code);
        Assert.True(plan.Layers[0].GivesFloat);
    }

    [Fact]
    public void A_constant_like_the_scores_is_no_mask() => Assert.All(PlanOf(Attention(-8)).Layers, l => Assert.True(l.IsInteger));

    [Theory]
    [InlineData(66_000, false)]
    [InlineData(65_000, true)]
    public void A_sum_that_32_bits_may_not_hold_stays_float(int products, bool isInteger)
    {
        var plan = PlanOf(new TestModel().Input("x", -1, products).Weights("w", 0.1f, products, 1).Node("MatMul", "x w", "y").Output("y"));
        Assert.Equal(isInteger, plan.Layers[0].IsInteger);
        if (!isInteger) Assert.Contains("66000", plan.Layers[0].Diagnostic!.Message, StringComparison.Ordinal);
    }

    private static TestModel One() => new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4);

    private static TestModel Attention(float masked) => new TestModel().Input("q", -1, 2, 3).Weights("k", 0.5f, 3, 2)
        .Node("MatMul", "q k", "scores").Constant("mask", Tensor.Of(Shape.Of(2, 2), [0, masked, 0, 0]))
        .Node("Add", "scores mask", "masked").Node("Softmax", "masked", "p").Weights("v", 0.5f, 2, 4).Node("MatMul", "p v", "y").Output("y");

    private static QuantizationPlan PlanOf(TestModel model, QConfig? qconfig = null)
    {
        using var prepared = model.Build().Fuse().Prepare(qconfig ?? QConfig.Default);
        return prepared.Plan;
    }
}
