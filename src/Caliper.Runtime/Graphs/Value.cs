namespace Caliper.Graphs;

/// <summary>A named edge of a graph: what flows from the node that produces it to those that consume it.</summary>
/// <param name="Name">Unique within the graph.</param>
/// <param name="Type">Element type; <see cref="ElementType.Undefined"/> where it is not known.</param>
/// <param name="Shape">The axes, or null where not even their number is known.</param>
public sealed record Value(string Name, ElementType Type, Shape? Shape)
{
    /// <summary>What a file says besides name, type and shape (documentation, a sequence or map type): the serialized
    /// <c>ValueInfoProto</c>, empty where there is nothing more. Name, type and shape above take precedence over it.</summary>
    public ReadOnlyMemory<byte> Uninterpreted { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Type} {(Shape is { } shape ? shape.ToString() : "of unknown shape")}";
}
