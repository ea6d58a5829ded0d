using Caliper.Graphs;

namespace Caliper.Fusion.Unfusing;

/// <summary>The nodes that one node becomes.</summary>
internal sealed class Pieces(Model model, GraphRewrite rewrite, Node whole)
{
    public Node Whole => whole;

    public Graph Graph => model.Graph;

    public long Opset => model.Opset;

    /// <summary>Whether an output further than the first is wanted.</summary>
    public bool IsAskedFor(int output) => whole.Outputs.Length > output && whole.Outputs[output].Length > 0
        && (Graph.IsOutput(whole.Outputs[output]) || Graph.ConsumersOf(whole.Outputs[output]).Length > 0);

    /// <summary>Adds a node, and returns the name of its result.</summary>
    public string Add(string opType, string[] inputs, Func<Node, Node>? with = null, string? output = null)
    {
        var name = rewrite.FreeName($"{whole.Name}.{opType}");
        var node = new Node(name, opType, [.. inputs], [output ?? name]);
        rewrite.InsertBefore(whole, with is null ? node : with(node));
        return output ?? name;
    }

    public string Constant(string label, Tensor tensor) => rewrite.AddInitializer($"{whole.Name}.{label}", tensor);

    public string Number(string label, float number) => Constant(label, Tensor.Scalar(number));

    public string Numbers(string label, params long[] numbers) => Constant(label, Tensor.Vector(numbers));

    /// <summary>Ends with the node that makes the first output; further ones have been made before.</summary>
    public bool Finish(string opType, string[] inputs, Func<Node, Node>? with = null)
    {
        var node = new Node(whole.Name, opType, [.. inputs], [whole.Output]);
        rewrite.Replace(whole, with is null ? node : with(node));
        return true;
    }

    /// <summary>The mean along the last axis, which stays with length 1.</summary>
    public string LastMean(string value) => Opset < 18
        ? Add("ReduceMean", [value], n => n.With("axes", [-1]).With("keepdims", 1))
        : Add("ReduceMean", [value, Numbers("axes", -1)], n => n.With("keepdims", 1));
}
