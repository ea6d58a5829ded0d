using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Convolution;
using Caliper.Numerics;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Convolutions and matrix products of bytes with constant weights.</summary>
internal static class LinearImport
{
    /// <summary>Conv between DequantizeLinear and QuantizeLinear, or float.</summary>
    public static bool Conv(GraphImporter graph, Node node)
    {
        if (graph[node.Inputs[0]] is not Source.Quantized x || Weights(graph, node.Inputs[1]) is not { } weights) return false;
        if (!CanConvolve(graph, node) || weights.Scales.Length > 1 && weights.Axis != 0) return false;
        if (Bias(graph, node.Input(2), x.Scale, weights) is not { } bias) return false;
        AddConvolution(graph, node, x.Operand, weights, node.Inputs[1], bias, Targets.After(graph, node));
        return true;
    }

    /// <summary>QLinearConv: input, weights and output with scale and zero point each, and an int32 bias.</summary>
    public static bool QLinearConv(GraphImporter graph, Node node)
    {
        var x = IntegerOperand(graph, node, 0);
        var weights = ConstantOperand(graph, node, 3) with { Axis = 0 };
        if (!CanConvolve(graph, node)) throw GraphImporter.Unsupported(node, "it has three spatial axes");
        var bias = IntegerBias(graph, node, 8, weights.Tensor.Shape[0].Length);
        AddConvolution(graph, node, x, weights, node.Inputs[3], bias, Targets.Own(graph, node, 6, 7));
        return true;
    }

    /// <summary>Gemm between DequantizeLinear and QuantizeLinear, or float.</summary>
    public static bool Gemm(GraphImporter graph, Node node)
    {
        if (graph[node.Inputs[0]] is not Source.Quantized x || Weights(graph, node.Inputs[1]) is not { Tensor.Shape.Rank: 2 } weights) return false;
        if (GemmForm.Of(node) is not { Alpha: 1, Beta: 1, TransposesA: false, TransposesB: var isTransposed }) return false;
        if (weights.Scales.Length > 1 && weights.Axis != (isTransposed ? 0 : 1)) return false;
        if (Bias(graph, node.Input(2), x.Scale, weights, (int)weights.Tensor.Shape[isTransposed ? 0 : 1].Length) is not { } bias) return false;
        AddMatrix(graph, node, x.Operand, weights, isTransposed, bias, Targets.After(graph, node));
        return true;
    }

    /// <summary>MatMul with constant right side between DequantizeLinear and QuantizeLinear, or float.</summary>
    public static bool MatMul(GraphImporter graph, Node node)
    {
        if (graph[node.Inputs[0]] is not Source.Quantized { Value.Shape.Length: >= 2 } x
            || Weights(graph, node.Inputs[1]) is not { Tensor.Shape.Rank: 2 } weights
            || weights.Scales.Length > 1 && weights.Axis != 1) return ProductImport.MatMul(graph, node);
        AddMatrix(graph, node, x.Operand, weights, false, new int[weights.Tensor.Shape[1].Length], Targets.After(graph, node));
        return true;
    }

    /// <summary>QLinearMatMul: both sides and the output with scale and zero point each.</summary>
    public static bool QLinearMatMul(GraphImporter graph, Node node)
    {
        if (graph.Constant(node.Inputs[3]) is not { Shape.Rank: 2 } || graph.ShapeOf(node.Inputs[0]).Length < 2)
            return ProductImport.QLinearMatMul(graph, node);
        var x = IntegerOperand(graph, node, 0);
        var weights = ConstantOperand(graph, node, 3) with { Axis = 1 };
        AddMatrix(graph, node, x, weights, false, new int[weights.Tensor.Shape[1].Length], Targets.Own(graph, node, 6, 7));
        return true;
    }

    /// <summary>ONNX Runtime's QGemm: as Gemm, with scales and zero points; a float result where it has no output scale.</summary>
    public static bool QGemm(GraphImporter graph, Node node)
    {
        var x = IntegerOperand(graph, node, 0);
        var form = GemmForm.Of(node);
        var isTransposed = form.TransposesB;
        var weights = ConstantOperand(graph, node, 3) with { Axis = isTransposed ? 0 : 1 };
        if (form.Alpha != 1 || form.TransposesA) throw GraphImporter.Unsupported(node, "alpha or transA is set");
        var bias = IntegerBias(graph, node, 6, weights.Tensor.Shape[isTransposed ? 0 : 1].Length);
        AddMatrix(graph, node, x, weights, isTransposed, bias, node.Input(7).Length > 0 ? Targets.Own(graph, node, 7, 8) : null);
        return true;
    }

    /// <summary>ONNX Runtime's MatMulIntegerToFloat: A, B, their scales, their zero points, and a float bias.</summary>
    public static bool MatMulIntegerToFloat(GraphImporter graph, Node node)
    {
        if (node.Input(6).Length > 0) throw GraphImporter.Unsupported(node, "it has a bias");
        if (graph.Constant(node.Inputs[1]) is not { Shape.Rank: 2 } b) return ProductImport.MatMulIntegerToFloat(graph, node);
        var (scale, isSigned) = ScaleReading.OneOf(graph, node, 2, 4);
        var x = new ByteOperand(IntegersOf(graph, node, 0, isSigned), scale);
        var (scales, zeroPoints, _) = ScaleReading.Of(graph, node, 3, 5);
        var weights = new IntegerConstant(b, scales, zeroPoints, 1);
        AddMatrix(graph, node, x, weights, false, new int[b.Shape[1].Length], null);
        return true;
    }

    /// <summary>An operand of integers; its scale and its zero point are the two inputs after it.</summary>
    public static ByteOperand IntegerOperand(GraphImporter graph, Node node, int input)
    {
        var (scale, isSigned) = ScaleReading.OneOf(graph, node, input + 1, input + 2);
        return new(IntegersOf(graph, node, input, isSigned), scale);
    }

    /// <summary>An operand of integers, which are signed or not as its zero point says.</summary>
    public static EngineValue IntegersOf(GraphImporter graph, Node node, int input, bool isSigned) => graph[node.Inputs[input]] switch
    {
        Source.Integers integers when integers.IsSigned == isSigned => integers.Value,
        Source.Constant { Tensor: { Type: ElementType.Int8 or ElementType.UInt8 } tensor } when tensor.Type is ElementType.Int8 == isSigned =>
            graph.ConstantBytes(node.Inputs[input], tensor),
        _ => throw GraphImporter.Unsupported(node, $"its input '{node.Inputs[input]}' is not integers of its zero point's type"),
    };

    private static IntegerConstant ConstantOperand(GraphImporter graph, Node node, int input)
    {
        var (scales, zeroPoints, _) = ScaleReading.Of(graph, node, input + 1, input + 2);
        return graph.Constant(node.Inputs[input]) is { Type: ElementType.Int8 or ElementType.UInt8 } tensor
            ? new IntegerConstant(tensor, scales, zeroPoints, 0)
            : throw GraphImporter.Unsupported(node, "its weights are not constant");
    }

    private static int[] IntegerBias(GraphImporter graph, Node node, int input, long count)
    {
        if (node.Input(input).Length == 0) return new int[count];
        if (graph.Constant(node.Inputs[input]) is not { Type: ElementType.Int32 } bias) throw GraphImporter.Unsupported(node,
            "its bias is not constant");
        return bias.Count == count ? bias.Span<int>().ToArray() : bias.Count == 1 ? [.. Enumerable.Repeat(bias.Span<int>()[0], (int)count)]
            : throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has {bias.Count} biases for {count} outputs.");
    }

    /// <summary>Weights that are constant bytes, or null.</summary>
    public static IntegerConstant? Weights(GraphImporter graph, string name) =>
        graph[name] is Source.QuantizedConstant { Content: { Tensor.Type: ElementType.Int8 or ElementType.UInt8 } integers } ? integers : null;

    // Beyond this a bias in steps of the sums and the sum itself may not fit 32 bits together.
    private const double MostBias = 1 << 30;

    /// <summary>The bias in steps of the sums; null where it is not constant, or has too many of them.</summary>
    public static int[]? Bias(GraphImporter graph, string name, ByteScale input, IntegerConstant weights, int? outputs = null)
    {
        var count = outputs ?? (int)weights.Tensor.Shape[0].Length;
        if (name.Length == 0) return new int[count];
        var steps = Enumerable.Range(0, count).Select(c => input.Scale * weights.Scales[weights.Scales.Length == 1 ? 0 : c]).ToArray();
        if (graph[name] is Source.QuantizedConstant { Content: { Tensor.Type: ElementType.Int32 } c } && ParameterReading.IsRow(c.Tensor, count)
            && c.ZeroPoints.All(z => z == 0) && steps.Select((s, i) => Math.Abs(s - c.Scales[c.Scales.Length == 1 ? 0 : i]) <= 1e-5f * s)
                .All(same => same))
            return c.Tensor.Span<int>().ToArray();
        var real = graph[name] switch
        {
            Source.Constant { Tensor.Type: ElementType.Float32 } constant => constant.Tensor,
            Source.QuantizedConstant constant => constant.Content.Dequantize(),
            _ => null,
        };
        if (real is null || !ParameterReading.IsRow(real, count) && real.Count != 1) return null;
        float At(int output) => real.Span<float>()[real.Count == 1 ? 0 : output];
        if (steps.Where((step, i) => !(Math.Abs(At(i) / (double)step) <= MostBias)).Any()) return null;
        return [.. steps.Select((step, i) => Requantization.QuantizeBias(At(i), step, 1))];
    }

    /// <summary>Whether a convolution has one or two spatial axes.</summary>
    public static bool CanConvolve(GraphImporter graph, Node node) => graph.ShapeOf(node.Output).Length is 3 or 4;

    private static void AddConvolution(
        GraphImporter graph, Node node, ByteOperand x, IntegerConstant weights, string weightName, int[] bias, Target? target)
    {
        int[] shape = [.. weights.Tensor.Shape.ToArray().Select(l => (int)l)];
        var groups = (int)node.Int("group", 1);
        if (groups < 1 || shape[0] % groups != 0 || shape[1] * groups != x.Value.Shape[1] || bias.Length != shape[0])
            throw new CaliperException($"The convolution '{node.Name}' has weights '{weightName}' of shape {Sizes.Text(shape)} that do not fit"
                + $" its input of {x.Value.Shape[1]} channels in {groups} groups.");
        var output = Targets.DeclareOrFloats(graph, node, target);
        AddConvolution(graph, node, x.Value, x.Scale.ZeroPoint, output, weights, bias, EpilogueOf(node, x.Scale, weights.Scales, shape[0], target));
    }

    /// <summary>A convolution whose weights fit its input.</summary>
    public static void AddConvolution(GraphImporter graph, Node node, EngineValue x, byte zeroPoint, EngineValue output, IntegerConstant weights,
        int[] bias, Epilogue epilogue)
    {
        int[] shape = [.. weights.Tensor.Shape.ToArray().Select(l => (int)l)];
        var content = WeightMatrix.Of(graph.Resources, weights, shape[0], WeightMatrix.ChannelsLast);
        graph.Add(new ConvolutionOperation(node.Name, x, output, WindowReading.Of(graph, node, x.Shape, shape), (int)node.Int("group", 1),
            content, bias, zeroPoint, epilogue));
    }

    private static void AddMatrix(
        GraphImporter graph, Node node, ByteOperand x, IntegerConstant weights, bool isTransposed, int[] bias, Target? target)
    {
        var outputs = (int)weights.Tensor.Shape[isTransposed ? 0 : 1].Length;
        if (x.Value.Shape[^1] != (int)weights.Tensor.Shape[isTransposed ? 1 : 0].Length || bias.Length != outputs)
            throw new CaliperException($"The matrix product '{node.Name}' has weights of shape {weights.Tensor.Shape} that do not fit its input"
                + $" of shape {Sizes.Text(x.Value.Shape)}.");
        var output = Targets.DeclareOrFloats(graph, node, target);
        var content = WeightMatrix.Of(graph.Resources, weights, outputs, isTransposed ? WeightMatrix.Rows : WeightMatrix.Columns);
        graph.Add(new MatrixOperation(node.Name, x.Value, output, content, bias, x.Scale.ZeroPoint,
            EpilogueOf(node, x.Scale, weights.Scales, outputs, target)));
    }

    /// <summary>What happens to the sums of a product of two scales.</summary>
    public static Epilogue EpilogueOf(Node node, ByteScale input, float[] weightScales, int outputs, Target? target)
    {
        if (weightScales.Length != 1 && weightScales.Length != outputs)
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has {weightScales.Length} weight scales for {outputs} outputs.");
        var multipliers = new float[outputs];
        for (var i = 0; i < outputs; i++)
        {
            var weightScale = weightScales[weightScales.Length == 1 ? 0 : i];
            multipliers[i] = target is null ? input.Scale * weightScale : Requantization.Multiplier(input.Scale, weightScale, target.Scale.Scale);
            if (!float.IsFinite(multipliers[i]))
                throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has scales whose ratio is beyond float32.");
        }
        return target is null
            ? new Epilogue(multipliers, 0, 0, 255) { GivesFloat = true }
            : new Epilogue(multipliers, target.Scale.ZeroPoint, target.Range.Low, target.Range.High);
    }
}
