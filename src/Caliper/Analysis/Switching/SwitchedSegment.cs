using System.Collections.Immutable;
using Caliper.Analysis.Matching;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Preparation;

namespace Caliper.Analysis.Switching;

/// <summary>
/// A segment of a float network in two forms: as it is, and with roundings of its tensors and weights that can be switched on one by
/// one. Who reads a tensor rounds it, for whoever multiplies may see it rounded where others do not; between segments floats are handed on.
/// Each form is planned when it is first run, when the types of what it reads are known.
/// </summary>
internal sealed class SwitchedSegment : IDisposable
{
    private readonly Model _model;
    private readonly NetworkSegment _segment;
    private readonly Correspondence _matched;
    private readonly ExecutionOptions _execution;
    private readonly Tensor[] _rounded;
    private readonly int[] _tensors, _weights;
    private readonly Lock _planning = new();
    private IExecutionSession? _plain, _switched;

    /// <param name="model">The float network.</param>
    /// <param name="segment">The part of it.</param>
    /// <param name="matched">What is int8.</param>
    /// <param name="rounded">Each int8 weight as floats.</param>
    /// <param name="execution">How it is run.</param>
    public SwitchedSegment(Model model, NetworkSegment segment, Correspondence matched, Tensor[] rounded, ExecutionOptions execution)
    {
        (_model, _segment, _matched, _rounded, _execution) = (model, segment, matched, rounded, execution);
        var read = segment.Nodes.SelectMany(n => n.Reads()).ToHashSet(StringComparer.Ordinal);
        _tensors = [.. matched.Tensors.Index().Where(t => read.Contains(t.Item.Value) || segment.Asked.Contains(t.Item.Value)).Select(t => t.Index)];
        _weights = [.. matched.Weights.Index().Where(w => read.Contains(w.Item.Initializer)).Select(w => w.Index)];
    }

    /// <summary>What it computes.</summary>
    public ImmutableArray<Node> Nodes => _segment.Nodes;

    /// <summary>Whether any of these switches is here.</summary>
    public bool Has(Switches switches) => _tensors.Any(switches.Tensors.ContainsKey) || _weights.Any(switches.Weights.Contains);

    /// <summary>Runs it.</summary>
    /// <param name="values">What was computed so far, by name; what the segment makes is added.</param>
    /// <param name="switches">What rounds.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    /// <returns>What owns the memory of the values that were added.</returns>
    public IExecutionResult Run(Dictionary<string, Tensor> values, Switches switches, CancellationToken cancellationToken)
    {
        var rounds = Has(switches);
        var fed = _segment.Reads.ToDictionary(r => r, r => values[r], StringComparer.Ordinal);
        IExecutionSession session;
        lock (_planning) session = rounds ? _switched ??= Plan(Switched(fed)) : _plain ??= Plan(_segment.Alone(_model.Graph, fed));
        if (rounds) Set(fed, switches);
        var result = session.Run(fed, cancellationToken);
        foreach (var made in _segment.Makes) values[made] = result[rounds ? NameOf(made) : made];
        return result;
    }

    public void Dispose()
    {
        _plain?.Dispose();
        _switched?.Dispose();
    }

    private IExecutionSession Plan(Graph graph) => _execution.Backend.Load(_model with { Graph = graph }, _execution);

    private Graph Switched(Dictionary<string, Tensor> fed)
    {
        var inputs = NetworkSegment.InputsOf(fed).ToList();
        var nodes = new List<Node>();
        var rounded = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in _tensors.Select(t => _matched.Tensors[t]))
        {
            var rounding = new SwitchedRounding(tensor.Value);
            inputs.AddRange([.. rounding.Inputs(tensor.Parameters.Type), rounding.ElsewhereInput]);
            rounding.Append(nodes, tensor.Value);
            rounding.AppendElsewhere(nodes, tensor.Value);
            rounded.Add(tensor.Value);
        }
        nodes.AddRange(_segment.Nodes.Select(n => n with { Inputs = [.. n.Inputs.Select(i => rounded.Contains(i) ? Seen(n, i) : i)] }));
        // What nobody sees is not computed.
        var seen = nodes.SelectMany(n => n.Reads()).Concat(_segment.Makes.Select(NameOf)).ToHashSet(StringComparer.Ordinal);
        nodes.RemoveAll(n => n.Is("Where") && !seen.Contains(n.Outputs[0]) && rounded.Contains(n.Inputs[2]));
        var weights = _weights.Select(w => _matched.Weights[w].Initializer)
            .Concat(_weights.Select(w => _matched.Weights[w].Bias?.Initializer).OfType<string>()).Distinct().ToArray();
        inputs.AddRange(weights.Select(w => new Value(w, ElementType.Float32, _model.Graph.Constant(w)!.Shape)));
        return _model.Graph.With(nodes, _model.Graph.Initializers.RemoveRange(weights), [.. inputs],
            [.. _segment.Makes.Select(m => NetworkSegment.OutputOf(_model.Graph, NameOf(m)))], []);
    }

    private void Set(Dictionary<string, Tensor> fed, Switches switches)
    {
        foreach (var t in _tensors)
        {
            var tensor = _matched.Tensors[t];
            var rounding = new SwitchedRounding(tensor.Value);
            rounding.Set(fed, tensor.Parameters.Type, switches.Tensors.GetValueOrDefault(t));
            rounding.SetElsewhere(fed, switches.Tensors.ContainsKey(t) && !switches.Streams.Contains(t));
        }
        foreach (var weight in _weights.Select(w => _matched.Weights[w]))
        {
            fed.TryAdd(weight.Initializer, _model.Graph.Constant(weight.Initializer)!);
            if (weight.Bias is { } bias) fed.TryAdd(bias.Initializer, _model.Graph.Constant(bias.Initializer)!);
        }
        foreach (var w in _weights.Where(switches.Weights.Contains))
        {
            fed[_matched.Weights[w].Initializer] = _rounded[w];
            if (_matched.Weights[w].Bias is { } bias) fed[bias.Initializer] = bias.Added;
        }
    }

    /// <summary>What a node sees of a value that is rounded.</summary>
    private static string Seen(Node node, string value) => OperatorRoles.Multiplies(node, value)
        ? SwitchedRounding.Rounded(value) : SwitchedRounding.Elsewhere(value);

    /// <summary>What the network is asked for is seen as others than those that multiply see it.</summary>
    private string NameOf(string made) => _segment.Asked.Contains(made) && _tensors.Any(t => _matched.Tensors[t].Value == made)
        ? SwitchedRounding.Elsewhere(made) : made;
}
