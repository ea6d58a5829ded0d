using System.Collections.Immutable;

namespace Caliper.Graphs;

/// <summary>The value of a node's attribute.</summary>
public abstract record AttributeValue
{
    private AttributeValue() { }

    /// <summary>An integer.</summary>
    public sealed record Int(long Value) : AttributeValue;

    /// <summary>A float.</summary>
    public sealed record Float(float Value) : AttributeValue;

    /// <summary>Text.</summary>
    public sealed record Text(string Value) : AttributeValue;

    /// <summary>Integers.</summary>
    public sealed record Ints(ImmutableArray<long> Values) : AttributeValue;

    /// <summary>Floats.</summary>
    public sealed record Floats(ImmutableArray<float> Values) : AttributeValue;

    /// <summary>A tensor.</summary>
    public sealed record TensorValue(Tensor Value) : AttributeValue;

    /// <summary>The body of an <c>If</c>, <c>Loop</c> or <c>Scan</c>; it may read values of the graph around it.</summary>
    /// <param name="Captured">Names that the body reads from the graph around it.</param>
    /// <param name="Encoded">The serialized <c>AttributeProto</c>, kept as it was read.</param>
    public sealed record Subgraph(ImmutableArray<string> Captured, ReadOnlyMemory<byte> Encoded) : AttributeValue;

    /// <summary>Any other kind, kept as it was read: the serialized <c>AttributeProto</c>.</summary>
    public sealed record Opaque(ReadOnlyMemory<byte> Encoded) : AttributeValue;
}
