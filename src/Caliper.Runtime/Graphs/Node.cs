using System.Collections.Immutable;

namespace Caliper.Graphs;

/// <summary>One operation of a graph.</summary>
/// <param name="Name">Unique within the graph and never empty: the reader names what a file left unnamed.</param>
/// <param name="OpType">The operator, such as <c>Conv</c>.</param>
/// <param name="Inputs">Names of the values read; an empty name is an optional input left out.</param>
/// <param name="Outputs">Names of the values produced; an empty name is an optional output left out.</param>
public sealed record Node(string Name, string OpType, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs)
{
    /// <summary>The operator set's domain; empty for ONNX itself.</summary>
    public string Domain { get; init; } = "";

    // Asked for whenever somebody asks what the node reads; walking the attributes each time was a tenth of loading a model.
    private readonly bool _hasBodies;

    /// <summary>Attributes by name.</summary>
    public ImmutableSortedDictionary<string, AttributeValue> Attributes
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
            _hasBodies = !value.IsEmpty && value.Values.Any(a => a is AttributeValue.Subgraph);
        }
    } = ImmutableSortedDictionary.Create<string, AttributeValue>(StringComparer.Ordinal);

    /// <summary>Free text of the file.</summary>
    public string Documentation { get; init; } = "";

    /// <summary>What a file says besides all this: one serialized <c>NodeProto</c> that holds nothing else, mostly empty.</summary>
    public ReadOnlyMemory<byte> Uninterpreted { get; init; }

    /// <summary>Whether this is an operator of ONNX itself of the given type.</summary>
    public bool Is(string opType) => Domain is "" && OpType == opType;

    /// <summary>The input at <paramref name="index"/>, or an empty name where it is left out.</summary>
    public string Input(int index) => (uint)index < (uint)Inputs.Length ? Inputs[index] : "";

    /// <summary>The first output, or an empty name where there is none.</summary>
    public string Output => Outputs is [var first, ..] ? first : "";

    /// <summary>An integer attribute.</summary>
    public long Int(string name, long whenAbsent) =>
        Attributes.GetValueOrDefault(name) is AttributeValue.Int attribute ? attribute.Value : whenAbsent;

    /// <summary>A float attribute.</summary>
    public float Float(string name, float whenAbsent) =>
        Attributes.GetValueOrDefault(name) is AttributeValue.Float attribute ? attribute.Value : whenAbsent;

    /// <summary>A text attribute.</summary>
    public string Text(string name, string whenAbsent) =>
        Attributes.GetValueOrDefault(name) is AttributeValue.Text attribute ? attribute.Value : whenAbsent;

    /// <summary>An attribute of integers, or null where it is absent.</summary>
    public ImmutableArray<long>? Ints(string name) =>
        Attributes.GetValueOrDefault(name) is AttributeValue.Ints attribute ? attribute.Values : null;

    /// <summary>The same node with an attribute set.</summary>
    public Node With(string name, AttributeValue value) => this with { Attributes = Attributes.SetItem(name, value) };

    /// <summary>The same node with an integer attribute set.</summary>
    public Node With(string name, long value) => With(name, new AttributeValue.Int(value));

    /// <summary>The same node with a float attribute set.</summary>
    public Node With(string name, float value) => With(name, new AttributeValue.Float(value));

    /// <summary>The same node with a text attribute set.</summary>
    public Node With(string name, string value) => With(name, new AttributeValue.Text(value));

    /// <summary>The same node with an attribute of integers set.</summary>
    public Node With(string name, params ReadOnlySpan<long> values) =>
        With(name, new AttributeValue.Ints([.. values]));

    /// <summary>The same node without an attribute.</summary>
    public Node Without(string name) => this with { Attributes = Attributes.Remove(name) };

    /// <summary>Names of all values the node reads, those that its subgraphs capture included.</summary>
    public IEnumerable<string> Reads()
    {
        var inputs = Inputs.Where(name => name.Length > 0);
        return _hasBodies ? inputs.Concat(Attributes.Values.OfType<AttributeValue.Subgraph>().SelectMany(body => body.Captured)) : inputs;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({OpType})";
}
