using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>An operator said by another one: GlobalMaxPool is a MaxPool whose window is the image.</summary>
/// <param name="OpType">The other operator.</param>
/// <param name="Of">The node as that one, by the shape that it reads; null where too little of the shape is known.</param>
internal sealed record Spelling(string OpType, Func<Node, Shape, Node?> Of)
{
    /// <summary>A pool whose window is all that it reads of a channel.</summary>
    public static Spelling WholePool(string opType) => new(opType, (node, input) =>
        input.Rank > 2 && input.Dimensions.Skip(2).All(d => d is { IsKnown: true, Length: > 0 })
            ? (node with { OpType = opType }).With("kernel_shape", input.ToArray().AsSpan(2)) : null);
}
