using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Onnx;

/// <summary>One operator, what it is fed, and which of that is constant.</summary>
internal sealed record NodeCase(string OpType, long Opset, params Tensor?[] Inputs)
{
    public Node Node { get; init; } = new("node", OpType, [], ["y0"]);

    /// <summary>Inputs that are weights: what they hold is known beforehand.</summary>
    public ImmutableArray<int> Constants { get; init; } = [];

    public NodeCase Ints(string name, params long[] values) => this with { Node = Node.With(name, values.AsSpan()) };

    public NodeCase With(string name, long value) => this with { Node = Node.With(name, value) };

    public NodeCase With(string name, float value) => this with { Node = Node.With(name, value) };

    public NodeCase With(string name, string value) => this with { Node = Node.With(name, value) };

    public NodeCase With(string name, AttributeValue value) => this with { Node = Node.With(name, value) };

    public NodeCase Constant(params int[] inputs) => this with { Constants = [.. inputs] };

    public NodeCase Outputs(int count) =>
        this with { Node = Node with { Outputs = [.. Enumerable.Range(0, count).Select(i => $"y{i}")] } };

    public NodeCase Domain(string domain) => this with { Node = Node with { Domain = domain } };

    /// <summary>The model of this one node.</summary>
    public Model Model()
    {
        var names = Inputs.Select((t, i) => t is null ? "" : $"x{i}").ToImmutableArray();
        var given = Inputs.Select((t, i) => (Name: names[i], Tensor: t, IsConstant: Constants.Contains(i)))
            .Where(g => g.Tensor is not null).ToArray();
        var graph = new Graph(
            "case",
            [.. given.Where(g => !g.IsConstant).Select(g => new Value(g.Name, g.Tensor!.Type, g.Tensor.Shape))],
            [.. Node.Outputs.Select(o => new Value(o, ElementType.Undefined, null))],
            [Node with { Inputs = names }],
            given.Where(g => g.IsConstant).ToImmutableSortedDictionary(g => g.Name, g => g.Tensor!, StringComparer.Ordinal));
        var opsets = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add("", Opset);
        return new Model(graph, Node.Domain.Length > 0 ? opsets.Add(Node.Domain, 1) : opsets) { IrVersion = Opset > 15 ? 9 : 7 };
    }

    /// <summary>What ONNX Runtime returns.</summary>
    public Dictionary<string, Tensor> Run(Model? model = null)
    {
        model ??= Model();
        var feeds = Inputs.Select((tensor, i) => (Name: $"x{i}", Tensor: tensor))
            .Where(f => model.Graph.Inputs.Any(i => i.Name == f.Name))
            .ToDictionary(f => f.Name, f => f.Tensor!);
        return OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds, optimize: false);
    }

    public override string ToString() =>
        $"{OpType}-{Opset}({string.Join(", ", Inputs.Select(i => i?.ToString() ?? "none"))}; {Constants.Length} constant) "
        + string.Join(" ", Node.Attributes.Select(a => $"{a.Key}={Text(a.Value)}"));

    private static string Text(AttributeValue value) => value switch
    {
        AttributeValue.Int v => FormattableString.Invariant($"{v.Value}"),
        AttributeValue.Float v => FormattableString.Invariant($"{v.Value}"),
        AttributeValue.Text v => v.Value,
        AttributeValue.Ints v => string.Join(',', v.Values),
        AttributeValue.Floats v => string.Join(',', v.Values.Select(f => FormattableString.Invariant($"{f}"))),
        _ => value.GetType().Name,
    };
}
