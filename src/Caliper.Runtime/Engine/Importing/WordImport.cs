using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Words;
using Caliper.Numerics;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Convolutions and matrix products of activations of 16 bits with constant weights of 8. After them may be floats, or a
/// QuantizeLinear of 8 or 16 bits.</summary>
internal static class WordImport
{
    public static bool Conv(GraphImporter graph, Node node)
    {
        if (LayerOf(graph, node, axis: 0) is not var (x, weights, scales)) return false;
        int[] shape = [.. weights.Tensor.Shape.ToArray().Select(l => (int)l)];
        if (!LinearImport.CanConvolve(graph, node) || shape.Length != x.High.Shape.Length) return false;
        var groups = (int)node.Int("group", 1);
        if (groups < 1 || shape[0] % groups != 0 || shape[1] * groups != x.High.Shape[1])
            throw new CaliperException($"The convolution '{node.Name}' has weights '{node.Inputs[1]}' of shape {Sizes.Text(shape)} that do not fit"
                + $" its input of {x.High.Shape[1]} channels in {groups} groups.");
        if (Bias(graph, node, shape[0]) is not { } bias) return false;
        var content = WeightMatrix.Of(graph.Resources, weights, shape[0], WeightMatrix.ChannelsLast);
        if (!WordLayer.PassesFit(content)) return false;
        var geometry = new ConvolutionGeometry(WindowReading.Of(graph, node, x.High.Shape, shape), groups);
        var (outputs, epilogue) = ResultOf(graph, node, x.Scale, scales, bias);
        graph.Add(new WordConvolutionOperation(node.Name, x, outputs, geometry, content, epilogue));
        return true;
    }

    public static bool Gemm(GraphImporter graph, Node node) =>
        GemmForm.Of(node) is { Alpha: 1, Beta: 1, TransposesA: false, TransposesB: var isTransposed } && Matrix(graph, node, isTransposed);

    public static bool MatMul(GraphImporter graph, Node node) => Matrix(graph, node, isTransposed: false);

    private static bool Matrix(GraphImporter graph, Node node, bool isTransposed)
    {
        if (LayerOf(graph, node, isTransposed ? 0 : 1) is not var (x, weights, scales)) return false;
        if (weights.Tensor.Shape.Rank != 2 || x.High.Shape.Length < 2) return false;
        var (outputs, inputs) = ((int)weights.Tensor.Shape[isTransposed ? 0 : 1].Length, (int)weights.Tensor.Shape[isTransposed ? 1 : 0].Length);
        if (x.High.Shape[^1] != inputs)
            throw new CaliperException($"The matrix product '{node.Name}' has weights of shape {weights.Tensor.Shape} that do not fit its input"
                + $" of shape {Sizes.Text(x.High.Shape)}.");
        if (Bias(graph, node, outputs) is not { } bias) return false;
        var content = WeightMatrix.Of(graph.Resources, weights, outputs, isTransposed ? WeightMatrix.Rows : WeightMatrix.Columns);
        if (!WordLayer.PassesFit(content)) return false;
        var (results, epilogue) = ResultOf(graph, node, x.Scale, scales, bias);
        graph.Add(new WordMatrixOperation(node.Name, x, results, content, epilogue));
        return true;
    }

    /// <summary>Words, weights whose scales lie along an axis, and those scales, one for each output; null where the node has others.</summary>
    private static (WordOperand X, IntegerConstant Weights, float[] Scales)? LayerOf(GraphImporter graph, Node node, int axis)
    {
        if (graph[node.Inputs[0]] is not Source.QuantizedWords { Operand: var x }) return null;
        if (LinearImport.Weights(graph, node.Inputs[1]) is not { } weights || weights.Tensor.Shape.Rank <= axis) return null;
        if (weights.Scales.Length == 1)
            return (x, weights, [.. Enumerable.Repeat(weights.Scales[0], (int)weights.Tensor.Shape[axis].Length)]);
        return weights.Axis == axis ? (x, weights, weights.Scales) : null;
    }

    /// <summary>The bias of each output as real numbers; null where it is not constant.</summary>
    private static float[]? Bias(GraphImporter graph, Node node, int outputs)
    {
        if (node.Input(2).Length == 0) return new float[outputs];
        var real = graph[node.Inputs[2]] switch
        {
            Source.Constant { Tensor.Type: ElementType.Float32 } constant => constant.Tensor,
            Source.QuantizedConstant constant => constant.Content.Dequantize(),
            _ => null,
        };
        if (real is null || !ParameterReading.IsRow(real, outputs) && real.Count != 1) return null;
        return real.Count == 1 ? [.. Enumerable.Repeat(real.Span<float>()[0], outputs)] : real.Span<float>().ToArray();
    }

    /// <summary>Where the result goes and what is made of the sums for it.</summary>
    private static (EngineValue[] Outputs, WordEpilogue Epilogue) ResultOf(
        GraphImporter graph, Node node, WordScale input, float[] weightScales, float[] bias)
    {
        if (Targets.After(graph, node) is { } bytes)
            return ([Targets.Declare(graph, bytes).Value], Epilogue(WordResult.Bytes, bytes.Scale.Scale, bytes.Scale.ZeroPoint,
                bytes.Range.Low, bytes.Range.High));
        if (Targets.WordsAfter(graph, node) is { } words)
        {
            var (high, low, scale) = Targets.Declare(graph, words);
            return ([high, low], Epilogue(WordResult.Words, scale.Scale, scale.ZeroPoint, words.Range.Low, words.Range.High));
        }
        return ([Targets.DeclareOrFloats(graph, node, null)], Epilogue(WordResult.Floats, 1, 0, 0, 0));

        WordEpilogue Epilogue(WordResult result, float outputScale, int zeroPoint, int least, int greatest)
        {
            float[] multipliers = [.. weightScales.Select(s => Requantization.Multiplier(input.Scale, s, outputScale))];
            float[] offsets = [.. bias.Select(b => b / outputScale)];
            if (!multipliers.All(float.IsFinite) || !offsets.All(float.IsFinite))
                throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has scales or a bias whose ratio is beyond float32.");
            return new WordEpilogue(result, multipliers, offsets, zeroPoint, least, greatest);
        }
    }
}
