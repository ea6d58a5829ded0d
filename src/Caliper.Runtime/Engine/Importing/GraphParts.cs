using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Nodes that are imported as several others.</summary>
internal sealed partial class GraphImporter
{
    private readonly Dictionary<string, Value> _between = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node> _wholes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Bytes, string Wanted)> _moved = new(StringComparer.Ordinal);

    /// <summary>Says that a part's result only moves on its way to that of its node: whoever quantizes that may do so before.</summary>
    public void LooksPast(string part, Node whole) => _wholes[part] = whole;

    /// <summary>The node whose result a part's becomes by moving, or null.</summary>
    public Node? WholeOf(string part) => _wholes.GetValueOrDefault(part);

    /// <summary>The target of a part whose result is quantized before it moves.</summary>
    public Target BeforeMoving(string part, Target wanted)
    {
        var name = FreeName($"{wanted.Name}/before");
        _between[name] = new Value(name, wanted.IsSigned ? ElementType.Int8 : ElementType.UInt8, Find(part)!.Shape);
        _moved[part] = (name, wanted.Name);
        return wanted with { Name = name };
    }

    /// <summary>What there is of a part's result, and what must become of it: its bytes and those after the node, or null.</summary>
    public (string Bytes, string Wanted)? BytesOfPart(string part) => _moved.TryGetValue(part, out var found) ? found : null;

    /// <summary>What is known of a value of the file, or of one that stands between the parts of a node; null where nothing is.</summary>
    public Value? Find(string name) =>
        Constant(name) is { } tensor ? new Value(name, tensor.Type, tensor.Shape) : _between.GetValueOrDefault(name) ?? Graph.Find(name);

    /// <summary>A name like the one wanted that no value has.</summary>
    public string FreeName(string wanted)
    {
        var name = wanted;
        for (var i = 2; _sources.ContainsKey(name) || Find(name) is not null; i++) name = $"{wanted}_{i}";
        return name;
    }

    /// <summary>Imports a node that is a part of another one, its inputs being known.</summary>
    public void ImportPart(Node part)
    {
        var inference = new NodeInference(part, Find, name => Constant(name) is { } tensor ? Ints.Of(tensor) : null, Constant);
        OperatorForms.Check(part);
        (RuleTable.Find(part) ?? throw Unsupported(part, "nobody can tell its shape"))(inference);
        foreach (var found in inference.Found)
        {
            var said = _between.GetValueOrDefault(found.Name) ?? Graph.Find(found.Name);
            if (said?.Shape is { } shape && found.Shape != shape)
                throw Unsupported(part, $"it gives {found.Shape} where the model says {shape}");
            if (said is null) _between.Add(found.Name, found);
        }
        Import(part);
    }
}
