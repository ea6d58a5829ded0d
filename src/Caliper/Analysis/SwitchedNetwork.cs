using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Preparation;

namespace Caliper.Analysis;

/// <summary>The tensors that share one scale and zero point.</summary>
internal sealed record Int8Site(ImmutableArray<Int8Tensor> Tensors)
{
    /// <summary>The layer that makes the first of them.</summary>
    public string Layer => Tensors[0].Layer;

    /// <summary>Their scale and zero point.</summary>
    public QuantizationParameters Parameters => Tensors[0].Parameters;
}

/// <summary>Which tensors round to their int8 values, and to which.</summary>
/// <param name="Sites">Scale and zero point of each site that rounds, by its place; the others stay float.</param>
/// <param name="Weights">The weights that round, by their places.</param>
internal sealed record Switches(ImmutableDictionary<int, QuantizationParameters> Sites, ImmutableHashSet<int> Weights)
{
    /// <summary>Nothing rounds.</summary>
    public static Switches Off { get; } = new(ImmutableDictionary<int, QuantizationParameters>.Empty, []);
}

/// <summary>
/// The float network in which every int8 tensor can be rounded on its own, so that it can be asked what one of them costs at the
/// output, or what would be won by mending it. It runs on a few samples that it keeps.
/// </summary>
internal sealed class SwitchedNetwork : IDisposable
{
    private readonly ModelRunner _runner;
    private readonly Graph _graph;
    private readonly string _output;
    private readonly IReadOnlyList<IReadOnlyDictionary<string, Tensor>> _samples;
    private readonly float[][] _expected;
    private readonly Tensor[] _roundedWeights;
    private readonly ImmutableArray<Int8Weight> _weights;

    public SwitchedNetwork(FusedModel reference, Correspondence matched, IReadOnlyList<IReadOnlyDictionary<string, Tensor>> samples, CancellationToken ct)
    {
        (_graph, _samples, _weights) = (reference.Model.Graph, samples, matched.Weights);
        Sites = [.. matched.Tensors.GroupBy(t => (t.Scale, t.ZeroPoint)).Select(g => new Int8Site([.. g]))];
        _roundedWeights = [.. _weights.Select(w => Quantizer.Dequantize(w.Integers, w.Parameters))];
        var first = _graph.Outputs[0].Name;
        _output = matched.Tensors.Any(t => t.Value == first) ? SwitchedRounding.Rounded(first) : first;
        _runner = new ModelRunner(reference.Model with { Graph = Build() }, reference.Execution);
        _expected = [.. samples.Select(s => Run(s, Switches.Off, ct))];
        Signal = _expected.Sum(e => e.Sum(x => (double)x * x));
    }

    /// <summary>The sites, in execution order of their first tensors.</summary>
    public ImmutableArray<Int8Site> Sites { get; }

    /// <summary>Sum of the squares of the float network's first output.</summary>
    public double Signal { get; }

    /// <summary>Everything rounds, as in the int8 network.</summary>
    public Switches AllOn => new(Sites.Select((s, i) => KeyValuePair.Create(i, s.Parameters)).ToImmutableDictionary(), [.. Enumerable.Range(0, _weights.Length)]);

    /// <summary>Sum of the squares of what changes at the first output.</summary>
    public double Noise(Switches switches, CancellationToken ct)
    {
        var noise = 0.0;
        for (var i = 0; i < _samples.Count; i++)
        {
            var actual = Run(_samples[i], switches, ct);
            for (var k = 0; k < actual.Length; k++) noise += ((double)actual[k] - _expected[i][k]) * ((double)actual[k] - _expected[i][k]);
        }
        return noise;
    }

    public void Dispose() => _runner.Dispose();

    private SwitchedRounding RoundingOf(int site) => new(Sites[site].Tensors[0].Value);

    private Graph Build()
    {
        var inputs = _graph.Inputs.ToList();
        var nodes = new List<Node>();
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < Sites.Length; i++)
        {
            var rounding = RoundingOf(i);
            inputs.AddRange(rounding.Inputs(Sites[i].Parameters.Type));
            foreach (var tensor in Sites[i].Tensors) renamed[tensor.Value] = rounding.Append(nodes, tensor.Value);
        }
        nodes.AddRange(_graph.Nodes.Select(n => n with { Inputs = [.. n.Inputs.Select(i => renamed.GetValueOrDefault(i, i))] }));
        // The first axis is left open: a known one would be taken for the batch that the network insists on.
        inputs.AddRange(_weights.DistinctBy(w => w.Initializer).Select(w => new Value(w.Initializer, ElementType.Float32, w.Integers.Shape.With(0, Dimension.Unknown))));
        var initializers = _graph.Initializers.RemoveRange(_weights.Select(w => w.Initializer));
        var output = _graph.Find(_graph.Outputs[0].Name)!;
        return _graph.With(nodes, initializers, [.. inputs], [output with { Name = _output }]);
    }

    private float[] Run(IReadOnlyDictionary<string, Tensor> sample, Switches switches, CancellationToken ct)
    {
        var constants = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var i = 0; i < Sites.Length; i++) RoundingOf(i).Set(constants, Sites[i].Parameters.Type, switches.Sites.GetValueOrDefault(i));
        for (var i = 0; i < _weights.Length; i++)
            constants[_weights[i].Initializer] = switches.Weights.Contains(i) ? _roundedWeights[i] : _graph.Constant(_weights[i].Initializer)!;
        float[] output = [];
        _runner.Run(sample, constants, (_, result) => output = result[_output].Span<float>().ToArray(), ct);
        return output;
    }
}
