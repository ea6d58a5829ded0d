using Caliper.Engine.Operations;
using Caliper.Engine.Values;

namespace Caliper.Engine.Planning;

/// <summary>
/// Decides for every tensor whether it lies channels-last or in ONNX order. Tensors that meet in elementwise operations lie
/// alike; a group that touches a convolution or a pool lies channels-last. Where an operation needs ONNX order
/// nevertheless, a copy is put before or behind it.
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
                if (!_channelsLast.Contains(output) || IsFlat(output)) continue;
                var dense = new EngineValue(output.Name, output.Type, output.Shape);
                operation.Outputs[o] = dense;
                _graph.Operations.Insert(i + 1, CopyOperation.Whole(operation.Name, dense, output));
            }
        }
    }

    /// <summary>Puts copies before an operation; returns how many.</summary>
    private int ArrangeInputs(int index, Operation operation, bool channelsLast)
    {
        var copies = 0;
        for (var input = 0; input < operation.Inputs.Length; input++)
        {
            var value = operation.Inputs[input];
            if (value.Constant is not null || IsFlat(value) || _channelsLast.Contains(value) == channelsLast) continue;
            var arranged = new EngineValue(value.Name, value.Type, value.Shape);
            if (channelsLast) _channelsLast.Add(arranged);
            _graph.Operations.Insert(index, CopyOperation.Whole(operation.Name, value, arranged));
            operation.Inputs = [.. operation.Inputs.Select(v => v == value ? arranged : v)];
            copies++;
        }
        return copies;
    }

    private EngineValue Root(EngineValue value)
    {
        while (_parents.TryGetValue(value, out var parent) && parent != value) value = parent;
        return value;
    }

    private bool IsOurs(EngineValue value) => !_graph.Inputs.Contains(value) && !_graph.Outputs.Contains(value);

    private IEnumerable<EngineValue> Movable(Operation operation) => operation.Inputs.Concat(operation.Outputs).Where(IsOurs);

    /// <summary>Whether both orders are the same.</summary>
    private static bool IsFlat(EngineValue value) =>
        value.Shape.Length < 3 || Sizes.Product(value.Shape.AsSpan(2)) == 1 || value.Shape[1] == 1;
}
