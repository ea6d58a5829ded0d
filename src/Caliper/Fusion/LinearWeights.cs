using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Fusion;

/// <summary>
/// The constant weights of a sum of products, seen as one kernel an output channel. The stored tensor
/// is [outer, channel, inner] with the output channel in the middle, whatever the operator's own layout.
/// </summary>
internal sealed class LinearWeights
{
    private readonly ProductKind _kind;
    private readonly Tensor _kernel;
    private readonly int _outputAxis;
    private readonly int _groups;

    private LinearWeights(ProductKind kind, Tensor kernel, float[]? bias, int outputAxis, int groups)
    {
        (_kind, _kernel, Bias, _outputAxis, _groups) = (kind, kernel, bias, outputAxis, groups);
    }

    /// <summary>One value an output channel, or null.</summary>
    public float[]? Bias { get; }

    public int OutputChannels => (int)_kernel.Shape[_outputAxis].Length * (_kind is ProductKind.TransposedConvolution ? _groups : 1);

    public int InputChannels => (int)_kernel.Shape[1 - _outputAxis].Length * (_kind is ProductKind.Convolution ? _groups : 1);

    /// <summary>The weights of a node, or null where they are not constant float32 or not laid out plainly.</summary>
    public static LinearWeights? Of(Graph graph, Node node)
    {
        if (OperatorCatalogue.ProductOf(node) is not { } kind) return null;
        if (graph.Constant(node.Input(1)) is not { Type: ElementType.Float32, Shape.Rank: >= 2 } kernel) return null;
        // As they are stored, be they in groups or not.
        var outputAxis = kind is ProductKind.TransposedConvolution ? 1 : OutputAxis.Of(node, kernel.Shape);
        if (kind is ProductKind.Gemm && (node.Int("transA", 0) != 0 || node.Float("alpha", 1) != 1 || node.Float("beta", 1) != 1)) return null;
        if (kind is ProductKind.MatMul && kernel.Shape.Rank != 2) return null;

        var weights = new LinearWeights(kind, kernel, null, outputAxis, OperatorCatalogue.GroupsOf(node));
        if (node.Input(2).Length == 0) return weights;
        if (graph.Constant(node.Input(2)) is not { Type: ElementType.Float32 } bias || bias.Count != weights.OutputChannels) return null;
        return new LinearWeights(kind, kernel, bias.Span<float>().ToArray(), outputAxis, weights._groups);
    }

    /// <summary>The kernel with every output channel multiplied by its factor.</summary>
    public Tensor ScaleOutputs(float[] factors) => Scale((output, _) => factors[output]);

    /// <summary>The kernel with every input channel multiplied by its factor.</summary>
    public Tensor ScaleInputs(float[] factors) => Scale((_, input) => factors[input]);

    /// <summary>Adds to each output what a constant input of one value a channel gives there.</summary>
    public void AddResponseTo(float[] input, float[] outputs)
    {
        var values = _kernel.Span<float>();
        for (var i = 0; i < values.Length; i++)
        {
            var (outputChannel, inputChannel) = Channels(i);
            outputs[outputChannel] += values[i] * input[inputChannel];
        }
    }

    /// <summary>The node with other weights; it produces <paramref name="output"/>.</summary>
    public Node Rebuild(Node node, Tensor kernel, float[] bias, string output, GraphRewrite rewrite)
    {
        var kernelName = rewrite.ReplaceInitializer(node.Inputs[1], kernel, node);
        var biasTensor = Tensor.Vector(bias);
        var biasName = node.Input(2).Length > 0
            ? rewrite.ReplaceInitializer(node.Inputs[2], biasTensor, node)
            : rewrite.AddInitializer(BiasNameFor(node), biasTensor);
        // A MatMul has no bias of its own; a Gemm of the same weights has.
        return node with
        {
            OpType = _kind is ProductKind.MatMul ? "Gemm" : node.OpType,
            Inputs = [node.Inputs[0], kernelName, biasName],
            Outputs = [output],
        };
    }

    private static string BiasNameFor(Node node) => node.Inputs[1].EndsWith(".weight", StringComparison.Ordinal)
        ? string.Concat(node.Inputs[1].AsSpan(0, node.Inputs[1].Length - "weight".Length), "bias")
        : node.Name + ".bias";

    /// <summary>How many input channels an output channel reads.</summary>
    public int InputsPerOutput => InputChannels / _groups;

    /// <summary>Weights from one input channel to one output channel.</summary>
    public int Taps => _kernel.Count / ((int)_kernel.Shape[0].Length * (int)_kernel.Shape[1].Length);

    /// <summary>Shows each weight, with its output and its input channel.</summary>
    public void Visit(Action<int, int, float> visit)
    {
        var values = _kernel.Span<float>();
        for (var i = 0; i < values.Length; i++)
        {
            var (output, input) = Channels(i);
            visit(output, input, values[i]);
        }
    }

    /// <summary>The kernel with each weight multiplied by the factor of its output and input channel.</summary>
    public Tensor Scale(Func<int, int, float> factor)
    {
        var values = _kernel.Span<float>().ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            var (output, input) = Channels(i);
            values[i] *= factor(output, input);
        }
        return Tensor.Of(_kernel.Shape, values);
    }

    /// <summary>Output and input channel of the element at a flat index, groups taken into account.</summary>
    private (int Output, int Input) Channels(int index)
    {
        var second = (int)_kernel.Shape[1].Length;
        var inner = _kernel.Count / ((int)_kernel.Shape[0].Length * second);
        var (a, b) = (index / inner / second, index / inner % second);
        var (output, input) = _outputAxis == 0 ? (a, b) : (b, a);
        if (_groups == 1) return (output, input);
        // Conv stores [out, in/groups, …] and ConvTranspose [in, out/groups, …].
        return _kind is ProductKind.Convolution
            ? (output, (output / ((int)_kernel.Shape[0].Length / _groups) * second) + input)
            : ((input / ((int)_kernel.Shape[0].Length / _groups) * second) + output, input);
    }
}
