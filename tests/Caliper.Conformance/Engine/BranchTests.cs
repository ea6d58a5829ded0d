using Caliper.Conformance.Onnx;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>An If in the engine: the branch that the condition names, whichever was computed besides.</summary>
public class BranchTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_condition_that_is_fed(bool condition)
    {
        var model = Bodies.Conditional(new Node("n1", "Relu", ["x"], ["t"]),
            [new Node("n1", "Neg", ["x"], ["m"]), new Node("n2", "Mul", ["m", "x"], ["e"])], Shape.Of(2, 5));
        var feeds = new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of(Shape.Of(2, 5), [1f, -2, 3, -4, 5, -6, 7, -8, 9, -10]),
            ["c"] = Tensor.Scalar(condition),
        };
        var expected = OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        Comparison.AssertSame(expected["y"], Comparison.Run(model, feeds)["y"]);
        Comparison.AssertSameEverywhere(model, feeds);
    }
}
