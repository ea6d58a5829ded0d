using Caliper.Analysis.Switching;
using Caliper.Graphs;

namespace Caliper.Tests.Analysis;

/// <summary>Noise is judged where it shows.</summary>
public class JudgedValueTests
{
    [Theory]
    [InlineData("Softmax", "c", -1)]
    [InlineData("Sigmoid", "c", null)]
    [InlineData("Relu", "y", null)]
    public void An_output_that_ends_with_a_squashing_function_is_judged_before_it(string function, string judged, int? along)
    {
        using var model = Start().Node(function, "c", "y").Output("y").Build();
        Assert.Equal(new JudgedValue(judged, along), JudgedValue.Before(model.Model.Graph, "y"));
    }

    [Fact]
    public void What_moves_or_compares_the_result_changes_nothing()
    {
        using var model = Start().Node("Sigmoid", "c", "s").Constant("half", Tensor.Scalar(0.5f)).Node("Greater", "s half", "is")
            .Node("Where", "is s half", "chosen").Node("Flatten", "chosen", "y").Output("y").Build();
        Assert.Equal(JudgedValue.Of("c"), JudgedValue.Before(model.Model.Graph, "y"));
    }

    [Fact]
    public void After_a_product_and_of_several_functions_the_output_itself_counts()
    {
        using var product = Start().Node("Softmax", "c", "s").Weights("v", 1, 8, 8).Node("MatMul", "s v", "y").Output("y").Build();
        Assert.Equal(JudgedValue.Of("y"), JudgedValue.Before(product.Model.Graph, "y"));
        using var several = Start().Node("Sigmoid", "c", "s").Node("Softmax", "c", "t").Node("Add", "s t", "y").Output("y").Build();
        Assert.Equal(JudgedValue.Of("y"), JudgedValue.Before(several.Model.Graph, "y"));
    }

    [Theory, InlineData(1), InlineData(-2)]
    public void Of_what_a_Softmax_reads_only_differences_count(int axis)
    {
        var tensor = Tensor.Of(Shape.Of(2, 3, 2), [1f, 10, 2, 20, 6, 60, 0, 0, 3, 3, 3, 6]);
        Assert.Equal([-2f, -20, -1, -10, 3, 30, -2, -3, 1, 0, 1, 3], new JudgedValue("x", axis).Read(tensor));
    }

    private static TestModel Start() => new TestModel().Input("x", -1, 3, 8, 8).Weights("w", 1, 4, 3, 3, 3).Node("Conv", "x w", "c");
}
