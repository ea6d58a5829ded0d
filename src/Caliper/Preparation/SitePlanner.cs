using System.Collections.Immutable;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Operators;
using Caliper.Ranges;

namespace Caliper.Preparation;

/// <summary>
/// Finds which int8 values must share one scale and zero point, and which of them an observer has to see. Layers that
/// only move values tie input and output together, a Concat ties all its inputs; what is tied makes one site.
/// </summary>
internal sealed class SitePlanner
{
    private readonly Graph _graph;
    private readonly ImmutableArray<LayerPlan> _integerLayers;
    private readonly Func<Layer, QConfig?> _qconfigOf;
    private readonly Dictionary<string, string> _parent = new(StringComparer.Ordinal);
    private readonly HashSet<string> _derived = new(StringComparer.Ordinal);
    private readonly List<string> _values = [];

    public SitePlanner(Graph graph, ImmutableArray<LayerPlan> layers, Func<Layer, QConfig?> qconfigOf)
    {
        (_graph, _qconfigOf) = (graph, qconfigOf);
        _integerLayers = [.. layers.Where(l => l.IsInteger)];
    }

    public ImmutableArray<ObservationSite> Sites()
    {
        var producers = new Dictionary<string, LayerPlan>(StringComparer.Ordinal);
        var firstReader = new Dictionary<string, LayerPlan>(StringComparer.Ordinal);
        foreach (var plan in _integerLayers)
        {
            var inputs = OperatorRoles.DataInputs(plan.Layer.Operation).Where(i => i.Length > 0 && _graph.Constant(i) is null).ToArray();
            var outputs = plan.GivesFloat ? [] : plan.Layer.Outputs.ToArray();
            foreach (var input in inputs) { Add(input); firstReader.TryAdd(input, plan); }
            foreach (var output in outputs) { Add(output); producers[output] = plan; }
            if (plan.Role is OperatorRole.PassThrough) Tie(inputs[0], outputs, derived: outputs);
            if (plan.Role is OperatorRole.Join) Tie(outputs[0], inputs, derived: inputs);
        }
        return [.. _values.GroupBy(Find).Select(site => Site([.. site], producers, firstReader))];
    }

    private ObservationSite Site(
        ImmutableArray<string> values, Dictionary<string, LayerPlan> producers, Dictionary<string, LayerPlan> firstReader)
    {
        var observed = values.Where(v => !_derived.Contains(v)).ToImmutableArray();
        var producer = producers.GetValueOrDefault(observed[0]);
        var plan = producer ?? firstReader[observed[0]];
        var qconfig = _qconfigOf(plan.Layer)!;
        var spec = qconfig.Activation;
        if (spec.IsPerChannel)
        {
            throw new CaliperException($"'{plan.Layer.Name}': an activation has one scale for the whole tensor; "
                + $"{spec.Name} is for weights. Use MinMaxObserver or HistogramObserver for activations.");
        }
        if (producer is not null && observed.Length == 1 && OperatorRoles.FixedRange(producer.Layer.Operation) is var (min, max))
            spec = qconfig.FixedRanges ? FixedRange(spec, min, max) : Unclipped(producer.Layer.Operation, spec);
        var least = values.Max(v => producers.TryGetValue(v, out var maker) ? LeastScale(maker.Layer.Operation) : 0);
        if (least > spec.Eps) spec = spec with { Eps = least };
        return new ObservationSite(producer?.Layer.Name ?? observed[0], spec, observed, values);
    }

    /// <summary>A function of one value that is bounded has no outliers to cut: its ends are what a gate lets through and what not. A Softmax
    /// has: most of its values are far below its greatest.</summary>
    private static ObserverSpec Unclipped(Node node, ObserverSpec spec) =>
        spec is StatisticsSpec statistics && !node.Is("Softmax") ? statistics with { Method = RangeMethod.MinMax } : spec;

    /// <summary>PyTorch's fixed parameters: 256 levels from the lower bound on, of which the last misses the upper one.</summary>
    private static ObserverSpec FixedRange(ObserverSpec spec, float min, float max)
    {
        var type = QuantizedType.Of(spec.DType);
        var scale = (max - min) / type.Levels;
        return ObserverSpec.FixedQParams(scale, type.Min - (int)MathF.Round(min / scale)) with { DType = spec.DType };
    }

    /// <summary>ONNX Runtime's QLinearSoftmax overflows where 1/scale is above 128 times the length of its axis; where that is not known, it
    /// is at least 2.</summary>
    private float LeastScale(Node node)
    {
        if (!node.Is("Softmax")) return 0;
        if (_graph.Find(node.Inputs[0])?.Shape is not { } shape) return 1f / 256;
        var dimension = shape[NodeAxes.Of(node, shape.Rank, -1)];
        return 1f / (128 * (dimension.IsKnown ? dimension.Length : 2));
    }

    private void Add(string value)
    {
        if (_parent.TryAdd(value, value)) _values.Add(value);
    }

    private string Find(string value)
    {
        while (_parent[value] != value) value = _parent[value] = _parent[_parent[value]];
        return value;
    }

    private void Tie(string one, string[] others, string[] derived)
    {
        foreach (var other in others) _parent[Find(other)] = Find(one);
        _derived.UnionWith(derived);
    }
}
