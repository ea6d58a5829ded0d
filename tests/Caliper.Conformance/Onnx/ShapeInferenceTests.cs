using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Onnx;
using static Caliper.Conformance.Onnx.Some;

namespace Caliper.Conformance.Onnx;

/// <summary>Inferred shapes against the shapes of what ONNX Runtime computes.</summary>
public class ShapeInferenceTests
{
    private static readonly Tensor One = Tensor.Scalar(1f);
    private static readonly Tensor Zero = Tensor.Scalar((byte)0);

    private static IEnumerable<NodeCase> Cases =>
    [
        new("Relu", 13, Floats(2, 3)),
        new("Gelu", 20, Floats(2, 3)),
        new NodeCase("Clip", 13, Floats(2, 3), One).Constant(1),
        new NodeCase("Softmax", 11, Floats(2, 3, 4)).With("axis", 1),
        new("Add", 13, Floats(2, 1, 4), Floats(3, 1)),
        new("Max", 13, Floats(4), Floats(2, 1), Floats(3, 1, 1)),
        new("Less", 13, Floats(2, 1), Floats(3)),
        new("IsNaN", 13, Floats(2)),
        new NodeCase("Cast", 13, Floats(2, 2)).With("to", (long)ElementType.Int8),
        new("Where", 13, Bools(2, 1), Floats(3), Floats(4, 1, 1)),
        new NodeCase("Dropout", 13, Floats(2, 3)).Outputs(2),
        new("BatchNormalization", 9, Floats(2, 3, 4), Positive(3), Positive(3), Positive(3), Positive(3)),
        new("InstanceNormalization", 13, Floats(2, 3, 4), Positive(3), Positive(3)),
        new NodeCase("LayerNormalization", 17, Floats(2, 3, 4), Positive(4)).Outputs(3),
        new NodeCase("LRN", 13, Floats(1, 5, 3, 3)).With("size", 3),

        new("Conv", 13, Floats(2, 4, 9, 8), Floats(6, 4, 3, 3)),
        new NodeCase("Conv", 13, Floats(2, 4, 9, 8), Floats(6, 2, 3, 2), Floats(6)).With("group", 2).Ints("strides", 2, 1)
            .Ints("pads", 1, 0, 2, 3).Ints("dilations", 2, 3).Ints("kernel_shape", 3, 2),
        new NodeCase("Conv", 13, Floats(1, 4, 9), Floats(6, 4, 4)).With("auto_pad", "SAME_UPPER").Ints("strides", 2),
        new NodeCase("Conv", 13, Floats(1, 4, 9), Floats(6, 4, 4)).With("auto_pad", "VALID").Ints("strides", 3),
        new NodeCase("ConvTranspose", 13, Floats(1, 4, 5, 6), Floats(4, 3, 3, 2)).Ints("strides", 2, 3).Ints("pads", 1, 0, 0, 1)
            .Ints("output_padding", 1, 0).With("group", 2),
        new NodeCase("ConvTranspose", 13, Floats(1, 4, 5), Floats(4, 3, 3)).Ints("strides", 2).With("auto_pad", "SAME_UPPER"),
        new NodeCase("ConvTranspose", 13, Floats(1, 4, 5), Floats(4, 3, 3)).Ints("strides", 2).Ints("output_shape", 10),
        new NodeCase("ConvTranspose", 13, Floats(1, 4, 5), Floats(4, 3, 3)).Ints("dilations", 2),
        new NodeCase("MaxPool", 13, Floats(1, 2, 7, 8)).Ints("kernel_shape", 2, 3).Ints("strides", 2, 2).With("ceil_mode", 1)
            .Outputs(2),
        new NodeCase("MaxPool", 13, Floats(1, 2, 7)).Ints("kernel_shape", 2).Ints("strides", 3).With("ceil_mode", 1)
            .Ints("pads", 1, 1),
        new NodeCase("MaxPool", 13, Floats(1, 2, 6)).Ints("kernel_shape", 1).Ints("strides", 4).With("ceil_mode", 1),
        new NodeCase("MaxPool", 13, Floats(1, 2, 9)).Ints("kernel_shape", 3).Ints("dilations", 2).Ints("strides", 2),
        new NodeCase("MaxPool", 13, Floats(1, 2, 9)).Ints("kernel_shape", 3).With("auto_pad", "SAME_LOWER").Ints("strides", 2),
        new NodeCase("AveragePool", 13, Floats(1, 2, 5, 5)).Ints("kernel_shape", 3, 3).Ints("strides", 2, 2)
            .With("ceil_mode", 1).Ints("pads", 1, 1, 1, 1),
        new NodeCase("AveragePool", 19, Floats(1, 2, 9)).Ints("kernel_shape", 2).Ints("dilations", 3),
        new NodeCase("LpPool", 13, Floats(1, 2, 9)).Ints("kernel_shape", 2),
        new("GlobalAveragePool", 13, Floats(2, 3, 4, 5)),
        new("GlobalMaxPool", 13, Floats(2, 3, 4)),
        new NodeCase("RoiAlign", 16, Floats(1, 3, 8, 8), Tensor.Of(Shape.Of(2, 4), [0f, 0, 4, 4, 1, 2, 7, 6]), Ints(0, 0))
            .With("output_height", 2).With("output_width", 3),

        new("MatMul", 13, Floats(3, 4), Floats(4, 5)),
        new("MatMul", 13, Floats(2, 1, 3, 4), Floats(6, 4, 5)),
        new("MatMul", 13, Floats(4), Floats(4, 5)),
        new("MatMul", 13, Floats(2, 3, 4), Floats(4)),
        new("MatMul", 13, Floats(4), Floats(4)),
        new NodeCase("Gemm", 13, Floats(4, 3), Floats(5, 4), Floats(5)).With("transA", 1).With("transB", 1),
        new("MatMulInteger", 13, Bytes(3, 4), Bytes(4, 5)),
        new("ConvInteger", 13, Bytes(1, 2, 5, 5), Bytes(3, 2, 3, 3)),
        new("QLinearMatMul", 13, Bytes(3, 4), One, Zero, Bytes(4, 5), One, Zero, One, Zero),
        new NodeCase("QLinearConv", 13, Bytes(1, 2, 5, 5), One, Zero, Bytes(3, 2, 3, 3), One, Zero, One, Zero)
            .Ints("strides", 2, 2),
        new("QuantizeLinear", 13, Floats(2, 3), One, Zero),
        new("QuantizeLinear", 13, Floats(2, 3), One),
        new("DequantizeLinear", 13, Bytes(2, 3), One, Zero),
        new NodeCase("DynamicQuantizeLinear", 13, Floats(2, 3)).Outputs(3),
        new NodeCase("QLinearAdd", 13, Bytes(2, 3), One, Zero, Bytes(3), One, Zero, One, Zero).Domain("com.microsoft"),
        new NodeCase("QLinearGlobalAveragePool", 13, Bytes(2, 3, 4, 4), One, Zero, One, Zero).Domain("com.microsoft"),
        new NodeCase("QLinearSigmoid", 13, Bytes(2, 3), One, Zero, One, Zero).Constant(1, 2, 3, 4).Domain("com.microsoft"),
        new NodeCase("QGemm", 13, Bytes(2, 3), One, Zero, Bytes(3, 4), One, Zero).Domain("com.microsoft"),

        new NodeCase("Reshape", 13, Floats(2, 3, 4), Ints(0, -1)).Constant(1),
        new NodeCase("Reshape", 13, Floats(2, 3, 4), Ints(4, 1, -1, 2)).Constant(1),
        new NodeCase("Flatten", 13, Floats(2, 3, 4)).With("axis", 2),
        new NodeCase("Flatten", 13, Floats(2, 3, 4)).With("axis", 0),
        new NodeCase("Flatten", 13, Floats(2, 3, 4)).With("axis", -1),
        new("Transpose", 13, Floats(2, 3, 4)),
        new NodeCase("Transpose", 13, Floats(2, 3, 4)).Ints("perm", 1, 2, 0),
        new NodeCase("Concat", 13, Floats(2, 3), Floats(2, 1), Floats(2, 4)).With("axis", -1),
        new NodeCase("Split", 11, Floats(6, 2)).With("axis", 0).Ints("split", 1, 5).Outputs(2),
        new NodeCase("Split", 13, Floats(6, 2), Ints(1, 2, 3)).Constant(1).Outputs(3),
        new NodeCase("Split", 13, Floats(6, 2)).Outputs(3),
        new NodeCase("Split", 18, Floats(7, 2)).With("num_outputs", 3).Outputs(3),
        new("Squeeze", 13, Floats(1, 3, 1)),
        new NodeCase("Squeeze", 11, Floats(1, 3, 1)).Ints("axes", -1),
        new NodeCase("Squeeze", 13, Floats(1, 3, 1), Ints(0)).Constant(1),
        new NodeCase("Unsqueeze", 13, Floats(3, 4), Ints(-1, 0)).Constant(1),
        new NodeCase("Unsqueeze", 11, Floats(3, 4)).Ints("axes", 1),
        new NodeCase("Expand", 13, Floats(3, 1), Ints(2, 1, 4)).Constant(1),
        new NodeCase("Tile", 13, Floats(3, 1), Ints(2, 4)).Constant(1),
        new NodeCase("DepthToSpace", 13, Floats(1, 8, 2, 3)).With("blocksize", 2),
        new NodeCase("SpaceToDepth", 13, Floats(1, 2, 4, 6)).With("blocksize", 2),

        new NodeCase("Slice", 9, Floats(5, 6)).Ints("starts", 1, -3).Ints("ends", 100, -1),
        new NodeCase("Slice", 13, Floats(5, 6), Ints(1), Ints(4), Ints(1), Ints(2)).Constant(1, 2, 3, 4),
        new NodeCase("Slice", 13, Floats(5, 6), Ints(-1, 9), Ints(long.MinValue, 1), Ints(0, 1), Ints(-2, -3))
            .Constant(1, 2, 3, 4),
        new NodeCase("Slice", 13, Floats(5), Ints(4), Ints(2)).Constant(1, 2),
        new NodeCase("Pad", 10, Floats(2, 3)).Ints("pads", 1, 0, 2, -1),
        new NodeCase("Pad", 13, Floats(2, 3), Ints(0, 1, 0, 2)).Constant(1),
        new NodeCase("Pad", 18, Floats(2, 3), Ints(1, 2), null, Ints(-1)).Constant(1, 3),
        new NodeCase("Gather", 13, Floats(4, 3, 5), Tensor.Of(Shape.Of(2, 2), [0L, 1, 2, 0])).With("axis", 1),
        new("Gather", 13, Floats(4, 3), Tensor.Scalar(1L)),
        new("GatherElements", 13, Floats(4, 3), Tensor.Of(Shape.Of(2, 2), [0L, 1, 2, 0])),
        new("GatherND", 13, Floats(4, 3, 5), Tensor.Of(Shape.Of(2, 2), [0L, 1, 2, 0])),
        new NodeCase("TopK", 13, Floats(4, 6), Ints(3)).Constant(1).Outputs(2),
        new NodeCase("OneHot", 13, Ints(0, 2), Tensor.Scalar(4L), Tensor.Vector(0f, 1f)).Constant(1),
        new("NonZero", 13, Floats(2, 3)),

        new NodeCase("ReduceMean", 13, Floats(2, 3, 4)).Ints("axes", 1, -1),
        new NodeCase("ReduceMean", 18, Floats(2, 3, 4), Ints(0)).Constant(1).With("keepdims", 0),
        new NodeCase("ReduceSum", 13, Floats(2, 3, 4)).With("keepdims", 0),
        new("ReduceSum", 13, Floats(2, 3, 4)),
        new NodeCase("ReduceSum", 13, Floats(2, 3, 4)).With("noop_with_empty_axes", 1),
        new NodeCase("ArgMax", 13, Floats(2, 3, 4)).With("axis", -1).With("keepdims", 0),

        new NodeCase("Resize", 10, Floats(1, 2, 3, 5), Tensor.Vector(1f, 1f, 2f, 1.5f)).Constant(1),
        new NodeCase("Resize", 13, Floats(1, 2, 3, 5), null, Tensor.Vector(1f, 1f, 0.6f, 2.3f)).Constant(2)
            .With("mode", "linear"),
        new NodeCase("Resize", 13, Floats(1, 2, 3, 5), null, null, Ints(1, 2, 7, 4)).Constant(3),
        new NodeCase("Resize", 18, Floats(1, 2, 3, 5), null, null, Ints(7, 4)).Constant(3).Ints("axes", 2, 3),
        new NodeCase("Upsample", 9, Floats(1, 2, 3, 5), Tensor.Vector(1f, 1f, 2f, 3f)).Constant(1),
        new NodeCase("Upsample", 7, Floats(1, 2, 3, 5)).With("scales", new AttributeValue.Floats([1, 1, 2, 1.5f])),

        new("Shape", 13, Floats(2, 3, 4)),
        new NodeCase("Shape", 15, Floats(2, 3, 4)).With("start", -2),
        new("Size", 13, Floats(2, 3, 4)),
        new NodeCase("ConstantOfShape", 13, Ints(2, 3)).Constant(0),
        new NodeCase("Range", 13, Tensor.Scalar(1L), Tensor.Scalar(8L), Tensor.Scalar(3L)).Constant(0, 1, 2),
        new NodeCase("Range", 14, Tensor.Scalar(8L), Tensor.Scalar(1L), Tensor.Scalar(-7L)).Constant(0, 1, 2),
        new NodeCase("LSTM", 13, Floats(5, 2, 3), Floats(2, 16, 3), Floats(2, 16, 4)).With("hidden_size", 4)
            .With("direction", "bidirectional").Outputs(3),
        new NodeCase("GRU", 13, Floats(5, 2, 3), Floats(1, 12, 3), Floats(1, 12, 4)).With("hidden_size", 4).Outputs(2),
    ];

    public static TheoryData<string> CaseNames => new(Cases.Select(c => c.ToString()));

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void An_operator_has_the_shape_that_ONNX_Runtime_computes(string name)
    {
        var theCase = Cases.Single(c => c.ToString() == name);
        var inferred = ShapeInference.Infer(theCase.Model()).Graph.Outputs;
        foreach (var (output, computed) in theCase.Run())
            AssertDescribes(inferred.Single(o => o.Name == output), computed, hasFreeAxes: theCase.OpType == "NonZero");
    }

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void A_free_first_axis_contradicts_nothing(string name)
    {
        var theCase = Cases.Single(c => c.ToString() == name);
        var model = theCase.Model();
        var n = Dimension.Named("N");
        var free = model.Graph.Inputs.Select(i => i.Shape is { Rank: > 0 } shape ? i with { Shape = shape.With(0, n) } : i);
        var inferred = ShapeInference.Infer(model.Graph.With(inputs: [.. free])).Outputs;
        foreach (var (output, computed) in theCase.Run())
        {
            // Which axes are 1, and so removed, is not known where one is free.
            if (theCase is { OpType: "Squeeze", Node.Attributes.IsEmpty: true, Inputs.Length: 1 }) continue;
            AssertDescribes(inferred.Single(o => o.Name == output), computed, hasFreeAxes: true);
        }
    }

    public static TheoryData<string> RealModelNames => RealModels.Names;

    [Theory]
    [MemberData(nameof(RealModelNames))]
    public void Every_value_of_a_real_model_has_the_shape_that_ONNX_Runtime_computes(string name)
    {
        var model = ShapeInference.Infer(OnnxFile.Read(RealModels.Path(name)));
        var values = model.Graph.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0).Select(o => model.Graph.Find(o)!)
            .ToArray();
        var exposed = model with { Graph = model.Graph.With(outputs: [.. values]) };
        var computed = OnnxRuntime.Run(OnnxFile.ToBytes(exposed), RealModels.RandomInputs(model), optimize: false);
        Assert.Equal(values.Length, computed.Count);
        foreach (var value in values) AssertDescribes(value, computed[value.Name], hasFreeAxes: true);
        Assert.All(values.Where(v => v.Type == ElementType.Float32),
            v => Assert.Equal(FreeAxes(model.Graph.Inputs[0]), FreeAxes(v)));
    }

    [Theory]
    [MemberData(nameof(RealModelNames))]
    public void A_real_model_computes_the_same_after_its_shape_arithmetic_is_folded(string name)
    {
        var model = OnnxFile.Read(RealModels.Path(name));
        var folded = ShapeFolding.Fold(model);
        Assert.All(folded.Graph.Nodes, n => Assert.Equal(ElementType.Float32, folded.Graph.Find(n.Output)!.Type));
        var inputs = RealModels.RandomInputs(model);
        var (expected, actual) = (OnnxRuntime.Run(OnnxFile.ToBytes(model), inputs, optimize: false),
            OnnxRuntime.Run(OnnxFile.ToBytes(folded), inputs, optimize: false));
        foreach (var output in expected.Keys) Assert.Equal(expected[output].Bytes.ToArray(), actual[output].Bytes.ToArray());
    }

    private static int FreeAxes(Value value) => value.Shape!.Value.Dimensions.Count(d => !d.IsKnown);

    private static void AssertDescribes(Value inferred, Tensor computed, bool hasFreeAxes)
    {
        Assert.NotNull(inferred.Shape);
        if (inferred.Type != ElementType.Undefined) Assert.Equal(computed.Type, inferred.Type);
        Assert.Equal(computed.Shape.Rank, inferred.Shape.Value.Rank);
        foreach (var (known, real) in inferred.Shape.Value.Dimensions.Zip(computed.Shape.Dimensions))
            Assert.True(known.IsKnown ? known == real : hasFreeAxes, $"{inferred} is computed as {computed.Shape}");
    }
}
