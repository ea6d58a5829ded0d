using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Upgrades;
using static Caliper.Conformance.Onnx.Some;

namespace Caliper.Conformance.Onnx;

/// <summary>What a raised model computes, against what the model computed before, both in ONNX Runtime.</summary>
public class OpsetUpgradeTests
{
    private static IEnumerable<NodeCase> Cases =>
    [
        new NodeCase("BatchNormalization", 7, Floats(2, 3, 4), Positive(3), Positive(3), Positive(3), Positive(3))
            .With("spatial", 1),
        new NodeCase("Dropout", 7, Floats(2, 3)).With("ratio", 0.3f),
        new("Dropout", 10, Floats(2, 3)),
        new NodeCase("Slice", 7, Floats(5, 6)).Ints("starts", 1, -3).Ints("ends", 100, -1),
        new NodeCase("Slice", 9, Floats(5, 6)).Ints("starts", 1).Ints("ends", 4).Ints("axes", 1),
        new NodeCase("TopK", 7, Floats(4, 6)).With("k", 3).With("axis", 0).Outputs(2),
        new NodeCase("Clip", 7, Floats(2, 3)).With("min", -0.5f).With("max", 0.5f),
        new NodeCase("Clip", 10, Floats(2, 3)).With("max", 0.5f),
        new NodeCase("Clip", 10, Floats(2, 3)).With("min", 0f),
        new NodeCase("Clip", 10, Floats(2, 3)),
        new NodeCase("Pad", 7, Floats(2, 3)).Ints("pads", 1, 0, 2, 1).With("value", 7f),
        new NodeCase("Pad", 10, Floats(2, 3)).Ints("pads", 0, 1, 0, 1).With("mode", "reflect"),
        new NodeCase("Pad", 10, Floats(2, 3)).Ints("pads", 0, -1, 0, 0),
        new NodeCase("Upsample", 7, Floats(1, 2, 3, 5)).With("scales", new AttributeValue.Floats([1, 1, 2, 3])),
        new NodeCase("Upsample", 7, Floats(1, 2, 3, 5)).With("scales", new AttributeValue.Floats([1, 1, 2, 1.5f]))
            .With("mode", "linear"),
        new NodeCase("Upsample", 9, Floats(1, 2, 3, 5), Tensor.Vector(1f, 1f, 2.5f, 1.3f)).Constant(1),
        new NodeCase("Resize", 10, Floats(1, 2, 3, 5), Tensor.Vector(1f, 1f, 2.5f, 1.3f)).Constant(1),
        new NodeCase("Resize", 10, Floats(1, 2, 7, 9), Tensor.Vector(1f, 1f, 0.6f, 0.5f)).Constant(1),
        new NodeCase("Resize", 10, Floats(1, 2, 7, 9), Tensor.Vector(1f, 1f, 0.6f, 1.5f)).Constant(1).With("mode", "linear"),
        new("Resize", 10, Floats(1, 2, 3, 5), Tensor.Vector(1f, 1f, 2f, 2f)),
        new("Resize", 10, Floats(1, 2, 7, 8), Tensor.Vector(1f, 1f, 0.6f, 0.5f)),
        new("Resize", 10, Floats(1, 2, 6, 8), Tensor.Vector(1f, 1f, 0.6f, 1.7f)),
        new NodeCase("Resize", 10, Floats(1, 2, 6, 9), Tensor.Vector(1f, 1f, 1.7f, 0.6f)).Constant(1),
        new("Scatter", 9, Floats(3, 3), Tensor.Of(Shape.Of(1, 2), [2L, 0]), Floats(1, 2)),
        new NodeCase("Softmax", 7, Floats(2, 3, 4)),
        new NodeCase("Softmax", 11, Floats(2, 3, 4)).With("axis", 2),
        new NodeCase("Softmax", 11, Floats(2, 3, 4)).With("axis", -2),
        new NodeCase("Softmax", 11, Floats(2, 3, 1, 1)),
        new NodeCase("Softmax", 11, Floats(2, 1, 1)),
        new NodeCase("LogSoftmax", 12, Floats(2, 3, 4)).With("axis", 0),
        new NodeCase("Hardmax", 12, Floats(2, 3, 4)),
        new NodeCase("ReduceSum", 11, Floats(2, 3, 4)).Ints("axes", 0, -1).With("keepdims", 0),
        new("ReduceSum", 11, Floats(2, 3, 4)),
        new NodeCase("ReduceMean", 11, Floats(2, 3, 4)).Ints("axes", 0, -1),
        new NodeCase("Split", 11, Floats(6, 2)).With("axis", 0).Ints("split", 1, 5).Outputs(2),
        new NodeCase("Split", 7, Floats(6, 2)).Outputs(3),
        new NodeCase("Squeeze", 11, Floats(1, 3, 1)).Ints("axes", -1),
        new("Squeeze", 7, Floats(1, 3, 1)),
        new NodeCase("Unsqueeze", 7, Floats(3, 4)).Ints("axes", 0, 3),
        // Nothing to rewrite, but another version of the operator runs.
        new NodeCase("MaxPool", 7, Floats(1, 2, 7)).Ints("kernel_shape", 3).Ints("strides", 2).Ints("pads", 1, 1),
        new NodeCase("AveragePool", 7, Floats(1, 2, 7)).Ints("kernel_shape", 3).Ints("strides", 2).Ints("pads", 1, 1),
        new NodeCase("Conv", 7, Floats(1, 2, 7), Floats(3, 2, 4)).Ints("strides", 2).With("auto_pad", "SAME_LOWER"),
        new NodeCase("ConvTranspose", 7, Floats(1, 4, 5), Floats(4, 3, 3)).Ints("strides", 2).Ints("pads", 1, 1),
        new NodeCase("ConvTranspose", 7, Floats(1, 4, 5), Floats(4, 3, 4)).Ints("strides", 2).With("auto_pad", "SAME_UPPER"),
        new NodeCase("Gemm", 7, Floats(4, 3), Floats(4, 5), Floats(5)).With("transA", 1).With("alpha", 0.5f),
        new("Max", 7, Floats(2, 3), Floats(2, 3)),
        new("PRelu", 7, Floats(2, 3), Floats(3)),
        new NodeCase("DepthToSpace", 7, Floats(1, 8, 2, 3)).With("blocksize", 2),
        new NodeCase("ArgMax", 7, Floats(2, 3, 4)).With("axis", 1),
        new NodeCase("OneHot", 9, Ints(0, 2), Tensor.Scalar(4L), Tensor.Vector(0f, 1f)),
        new("DequantizeLinear", 10, Bytes(2, 3), Tensor.Scalar(0.5f), Tensor.Scalar((byte)3)),
        new("MeanVarianceNormalization", 9, Floats(2, 3, 4, 5)),
    ];

    public static TheoryData<string> CaseNames => new(Cases.Select(c => c.ToString()));

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void A_raised_operator_computes_the_same(string name)
    {
        var theCase = Cases.Single(c => c.ToString() == name);
        var before = theCase.Run();
        for (var opset = theCase.Opset + 1; opset <= OpsetUpgrade.Newest; opset++)
            AssertSame(before, theCase.Run(OpsetUpgrade.To(theCase.Model(), opset)));
    }

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void A_raised_operator_computes_the_same_where_no_shape_is_known(string name)
    {
        var theCase = Cases.Single(c => c.ToString() == name);
        var model = theCase.Model();
        var free = model with { Graph = model.Graph.With(inputs: [.. model.Graph.Inputs.Select(i => i with { Shape = null })]) };
        AssertSame(theCase.Run(free), theCase.Run(OpsetUpgrade.To(free, 13)));
    }

    [Fact]
    public void Operators_inside_bodies_are_raised_too()
    {
        // y = if c then softmax(x) over rows else unsqueeze(squeeze(x)); both bodies read x from outside.
        var x = Floats(1, 3, 4);
        var model = Bodies.Conditional(
            new Node("s", "Softmax", ["x"], ["t"]).With("axis", 1),
            [new Node("q", "Squeeze", ["x"], ["q0"]).With("axes", new AttributeValue.Ints([0])),
             new Node("u", "Unsqueeze", ["q0"], ["e"]).With("axes", new AttributeValue.Ints([0]))],
            x.Shape);
        var raised = OpsetUpgrade.To(model, 13);
        Assert.Equal(13, raised.Opset);
        foreach (var condition in new[] { true, false })
        {
            var inputs = new Dictionary<string, Tensor> { ["x"] = x, ["c"] = Tensor.Scalar(condition) };
            AssertSame(OnnxRuntime.Run(OnnxFile.ToBytes(model), inputs, optimize: false),
                OnnxRuntime.Run(OnnxFile.ToBytes(raised), inputs, optimize: false));
        }
    }

    [Fact]
    public void A_real_network_of_version_9_computes_the_same_in_version_13()
    {
        const double tolerance = 1e-5; // other kernels, other order of additions
        var model = OnnxFile.Read(RealModels.Path("ultraface-rfb-320.onnx"));
        var raised = OpsetUpgrade.To(model, 13);
        Assert.Equal((9, 13), (model.Opset, raised.Opset));
        var inputs = RealModels.RandomInputs(model);
        var (before, after) = (OnnxRuntime.Run(OnnxFile.ToBytes(model), inputs),
            OnnxRuntime.Run(OnnxFile.ToBytes(raised), inputs));
        foreach (var output in before.Keys)
        {
            var largest = before[output].Span<float>().ToArray()
                .Zip(after[output].Span<float>().ToArray(), (b, a) => Math.Abs(b - a)).Max();
            Assert.True(largest <= tolerance, $"{output} differs by {largest}");
        }
    }

    private static void AssertSame(Dictionary<string, Tensor> before, Dictionary<string, Tensor> after)
    {
        Assert.Equal(before.Keys.ToImmutableSortedSet(), after.Keys.ToImmutableSortedSet());
        foreach (var output in before.Keys)
        {
            Assert.Equal((before[output].Type, before[output].Shape), (after[output].Type, after[output].Shape));
            Assert.Equal(before[output].Bytes.ToArray(), after[output].Bytes.ToArray());
        }
    }
}
