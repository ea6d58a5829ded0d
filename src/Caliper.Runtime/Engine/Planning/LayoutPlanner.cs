using Caliper.Engine.Operations;
using Caliper.Engine.Values;

namespace Caliper.Engine.Planning;

/// <summary>
/// Decides for every tensor whether it lies channels-last or in ONNX order. Tensors that meet in elementwise operations lie
/// alike; a group that touches a convolution or a pool lies channels-last. Where an operation needs ONNX order
/// nevertheless, a copy is put before or after it. Whether both orders happen to be the same bytes is not asked here: pixels
/// may be filled up or have a border, which only <see cref="StoragePlanner"/> knows, and a reshape that can be a view becomes one there.
/// </summary>
internal sealed class LayoutPlanner
{
    private readonly EngineGraph _graph;
    private readonly Dictionary<EngineValue, EngineValue> _parents = [];
    private readonly HashSet<EngineValue> _channelsLast = [];

    private LayoutPlanner(EngineGraph graph) => _graph = graph;

    /// <summary>Inserts the copies that are needed, and returns which values lie channels-last.</summary>
    public static HashSet<EngineValue> Plan(EngineGraph graph)
    {
        var planner = new LayoutPlanner(graph);
        planner.Group();
        planner.InsertCopies();
        planner.SeparateReshapes();
        return planner._channelsLast;
    }

    private void Group()
    {
        foreach (var operation in _graph.Operations.Where(o => o.Needs is LayoutNeed.Same))
        {
            var alike = Movable(operation).Where(v => v.Shape.Length == operation.Output.Shape.Length).ToArray();
            foreach (var value in alike.Skip(1)) _parents[Root(value)] = Root(alike[0]);
        }
        var spatial = _graph.Operations.Where(o => o.Needs is LayoutNeed.ChannelsLast).SelectMany(Movable).Select(Root).ToHashSet();
        var all = _graph.Operations.SelectMany(o => o.Inputs.Concat(o.Outputs)).Distinct();
        foreach (var value in all.Where(v => v.Shape.Length >= 3 && IsOurs(v) && spatial.Contains(Root(v)))) _channelsLast.Add(value);
    }

    private void InsertCopies()
    {
        for (var i = 0; i < _graph.Operations.Count; i++)
        {
            var operation = _graph.Operations[i];
            if (operation.Needs is LayoutNeed.ChannelsLast) i += ArrangeInputs(i, operation, channelsLast: true);
            if (operation.Needs is not LayoutNeed.Dense) continue;
            i += ArrangeInputs(i, operation, channelsLast: false);
            for (var o = 0; o < operation.Outputs.Length; o++)
            {
                var output = operation.Outputs[o];
                if (_channelsLast.Contains(output)) GiveDense(i, operation, o);
            }
        }
    }

    /// <summary>A reshape writes in ONNX order where no order of reading and writing is common to its two shapes.</summary>
    private void SeparateReshapes()
    {
        for (var i = 0; i < _graph.Operations.Count; i++)
        {
            if (_graph.Operations[i] is not ReshapeOperation reshape || !_channelsLast.Contains(reshape.Output)) continue;
            if (Sizes.CommonAxes(reshape.Inputs[0].Shape, reshape.Output.Shape) is null) GiveDense(i, reshape, 0);
        }
    }

    /// <summary>An output in ONNX order, and a copy after it that lies as its readers need.</summary>
    private void GiveDense(int index, Operation operation, int output)
    {
        var arranged = operation.Outputs[output];
        var dense = Another(arranged);
        operation.Outputs[output] = dense;
        _graph.Operations.Insert(index + 1, CopyOperation.Whole(operation.Name, dense, arranged));
    }

    /// <summary>Puts copies before an operation; returns how many.</summary>
    private int ArrangeInputs(int index, Operation operation, bool channelsLast)
    {
        var copies = 0;
        for (var input = 0; input < operation.Inputs.Length; input++)
        {
            var value = operation.Inputs[input];
            if (_channelsLast.Contains(value) == channelsLast) continue;
            var arranged = Another(value);
            if (channelsLast) _channelsLast.Add(arranged);
            operation.Inputs = [.. operation.Inputs.Select(v => v == value ? arranged : v)];
            if (value.Constant is not null) continue; // written in both orders once
            _graph.Operations.Insert(index, CopyOperation.Whole(operation.Name, value, arranged));
            copies++;
        }
        return copies;
    }

    private static EngineValue Another(EngineValue value) => new(value.Name, value.Type, value.Shape) { Constant = value.Constant };

    private EngineValue Root(EngineValue value)
    {
        while (_parents.TryGetValue(value, out var parent) && parent != value) value = parent;
        return value;
    }

    private bool IsOurs(EngineValue value) => !_graph.Inputs.Contains(value) && !_graph.Outputs.Contains(value);

    private IEnumerable<EngineValue> Movable(Operation operation) => operation.Inputs.Concat(operation.Outputs).Where(IsOurs);
}
