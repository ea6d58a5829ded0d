using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Engine.Stages;

/// <summary>
/// A network that no one plan can hold: how many boxes are left, which branch is taken and how often a loop turns only a run knows. It is cut
/// where that is so (<see cref="Stage"/>); each part is planned for the shapes it meets, and runs as any network does.
/// </summary>
internal sealed class StagedNetwork : IDisposable
{
    private readonly Graph _graph;
    private readonly KernelResources _shared = new();
    private readonly List<(Stage Stage, PlansByShape? Plans, Junction[] Junctions)> _stages = [];
    private readonly List<SessionDescription> _descriptions = [];

    private StagedNetwork(Graph graph) => _graph = graph;

    /// <summary>What a run gives; a shape that only a run knows has free axes.</summary>
    public ImmutableArray<Value> Outputs { get; private set; } = [];

    /// <summary>What a run may give, all shapes being numbers.</summary>
    public Value[] TrialOutputs { get; private set; } = [];

    /// <summary>Bytes of all plans and of what they share.</summary>
    public long Bytes => _shared.ByteCount + _stages.Sum(s => (s.Plans?.Bytes ?? 0) + s.Junctions.Sum(j => j.PlanBytes));

    /// <summary>Cuts a network whose inputs are static, and plans each part for shapes as they may be.</summary>
    /// <exception cref="CaliperException">A part cannot be planned.</exception>
    public static StagedNetwork Of(Model model, Int8SessionOptions options)
    {
        var network = new StagedNetwork(model.Graph);
        try
        {
            network.Plan(model, options with { InputShapes = ImmutableDictionary<string, Shape>.Empty });
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>One forward pass.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        var values = inputs.ToDictionary(StringComparer.Ordinal);
        foreach (var (stage, plans, junctions) in _stages)
        {
            if (plans is not null)
                foreach (var (name, tensor) in plans.Run([.. stage.Inputs.Select(Read)])) values[name] = tensor;
            foreach (var junction in junctions)
            {
                var results = junction.Run(Read);
                foreach (var (name, tensor) in junction.Node.Outputs.Zip(results)) values[name] = tensor;
            }
        }
        return Outputs.ToDictionary(o => o.Name, o => Read(o.Name), StringComparer.Ordinal);

        Tensor Read(string name) => values.TryGetValue(name, out var tensor) ? tensor : _graph.Constant(name)!;
    }

    /// <summary>The steps of all parts as they were planned at load.</summary>
    public SessionDescription Describe(int threads) => new([.. _descriptions.SelectMany(d => d.Steps)],
        _descriptions.Sum(d => d.WeightBytes), _descriptions.Sum(d => d.ArenaBytes), threads);

    public void Dispose()
    {
        foreach (var (_, plans, junctions) in _stages)
        {
            plans?.Dispose();
            foreach (var junction in junctions) junction.Dispose();
        }
        _shared.Dispose();
    }

    private void Plan(Model model, Int8SessionOptions options)
    {
        var known = _graph.Inputs.ToDictionary(i => i.Name, StringComparer.Ordinal);
        var open = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stage in Stage.Cut(_graph))
        {
            PlansByShape? plans = null;
            if (stage.Outputs.Length > 0)
            {
                plans = new PlansByShape(model with { Graph = PartOf(stage, known) }, options, _shared);
                _stages.Add((stage, plans, []));
                var session = plans.For(stage.Inputs.Select(i => known[i].Shape!.Value));
                _descriptions.Add(session.Describe());
                foreach (var value in session.TrialOutputs) known[value.Name] = value;
                if (plans.DependOnNumbers || stage.Inputs.Any(open.Contains)) open.UnionWith(stage.Outputs);
                _stages.RemoveAt(_stages.Count - 1);
            }
            Junction[] junctions = [.. stage.Junctions.Select(n => JunctionOf(n, model, options))];
            _stages.Add((stage, plans, junctions));
            foreach (var junction in junctions)
            {
                var values = junction.Plan(Known, out var isFixed);
                foreach (var value in values.Where(v => v.Name.Length > 0))
                {
                    known[value.Name] = value;
                    if (!isFixed || junction.Node.Reads().Any(open.Contains)) open.Add(value.Name);
                }
            }
        }
        TrialOutputs = [.. _graph.Outputs.Select(o => Known(o.Name))];
        Outputs = [.. TrialOutputs.Select(o => open.Contains(o.Name)
            ? o with { Shape = new Shape([.. Enumerable.Repeat(Dimension.Unknown, o.Shape!.Value.Rank)]) } : o)];

        Value Known(string name) => known.TryGetValue(name, out var value) ? value : _graph.Find(name)!;
    }

    private Graph PartOf(Stage stage, Dictionary<string, Value> known)
    {
        var read = stage.Nodes.SelectMany(n => n.Reads()).ToHashSet(StringComparer.Ordinal);
        return new Graph(_graph.Name, [.. stage.Inputs.Select(i => known[i] with { Shape = null })],
            [.. stage.Outputs.Select(o => new Value(o, _graph.Find(o)?.Type ?? ElementType.Undefined, null))], stage.Nodes,
            _graph.Initializers.RemoveRange(_graph.Initializers.Keys.Where(k => !read.Contains(k))));
    }

    private Junction JunctionOf(Node node, Model model, Int8SessionOptions options) => node.OpType switch
    {
        "NonMaxSuppression" => new BoxSelection(node),
        "NonZero" => new NonZeroPlaces(node),
        "If" => new Branches(node, model, options, _shared),
        "Scan" => new Sweep(node, model, options, _shared),
        _ => new Repetition(node, model, options, _shared),
    };
}
