using System.Collections.Immutable;
using Caliper.Analysis.Matching;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Preparation;

namespace Caliper.Analysis.Switching;

/// <summary>What a change does to the network's outputs, over all samples.</summary>
/// <param name="Noise">Sum of the squares of what changes in the first output.</param>
/// <param name="Loss">By how much the mean loss rises; null without labels.</param>
/// <param name="Share">The noise of each float output as a share of its signal, where it is judged.</param>
internal readonly record struct Effect(double Noise, double? Loss, ImmutableArray<double> Share)
{
    /// <summary>Of the output that suffers most.</summary>
    public double WorstShare => Share.IsEmpty ? 0 : Share.Max();
}

/// <summary>What some changes do on one sample.</summary>
/// <param name="Signal">Sum of the squares of the first output.</param>
/// <param name="Signals">The same of each float output, where it is judged.</param>
/// <param name="Effects">What each change does.</param>
internal readonly record struct SampleEffects(double Signal, double[] Signals, SampleEffect[] Effects);

/// <summary>What a change does on one sample: the noise of the first output, by how much the loss rises, and the noise of each output.</summary>
internal readonly record struct SampleEffect(double Noise, double? Loss, double[] Noises);

/// <summary>
/// The float network in which every int8 tensor can be rounded on its own, so that it can be asked what one of them costs at the
/// output, or what would be won by mending it. It runs on a few samples that it keeps, and computes only what comes after a change:
/// what the float network has at the ends of its segments is kept while a sample is measured.
/// </summary>
internal sealed class SwitchedNetwork : IDisposable
{
    // What is kept of the samples that are measured at once.
    private const double MostTogether = 1L << 28;

    private readonly ImmutableArray<SwitchedSegment> _segments;
    private readonly string _output;
    private readonly ImmutableArray<JudgedValue> _judged;
    private readonly ICriterion? _criterion;
    private readonly bool _isLarge;
    private readonly int _atOnce;
    private readonly string[] _inputs;
    private readonly Tensor? _constant;

    /// <param name="reference">The float network.</param>
    /// <param name="matched">What is int8.</param>
    /// <param name="samples">The samples that it measures on.</param>
    /// <param name="criterion">What the loss is; null for none.</param>
    /// <param name="alsoBeforeLastFunction">Whether noise is also judged before an output's last Softmax or Sigmoid.</param>
    public SwitchedNetwork(FusedModel reference, Correspondence matched, IEnumerable<KeptSample> samples, ICriterion? criterion,
        bool alsoBeforeLastFunction = false)
    {
        var (graph, layers) = JudgedPart(reference);
        Tensor[] rounded = [.. matched.Weights.Select(w => Quantizer.Dequantize(w.Integers, w.Parameters))];
        (_output, Samples) = (graph.Outputs[0].Name, [.. samples]);
        _judged = [.. graph.Outputs.Where(o => graph.Constant(o.Name) is null && o.Type is ElementType.Float32)
            .SelectMany(o => new[] { JudgedValue.Of(o.Name), alsoBeforeLastFunction ? JudgedValue.Before(graph, o.Name) : JudgedValue.Of(o.Name) })
            .Distinct()];
        (_criterion, _constant) = (CrossEntropyLoss.For(criterion, reference, _output), graph.Constant(_output));
        _inputs = [.. graph.Inputs.Select(i => i.Name)];
        var segments = NetworkSegments.Of(graph, layers, [.. _judged.Select(j => j.Name)]);
        var threads = Threads.Number(reference.Execution.Threads);
        var bytes = BytesOf(graph, segments, Samples.FirstOrDefault());
        (_isLarge, _atOnce) = (bytes > MostTogether, (int)Math.Clamp(MostTogether / Math.Max(1, bytes), 1, threads));
        var model = reference.Model with { Graph = graph };
        var execution = reference.Execution with { Threads = threads / _atOnce, ReturnsMemory = true };
        _segments = [.. segments.Select(s => new SwitchedSegment(model, s, matched, rounded, execution))];
        Sites = Int8Site.AllOf(matched);
        AllOn = Sites.Aggregate(Switches.Off, (all, site) => all.With(site.Places, site.Parameters)) with
        {
            Weights = [.. Enumerable.Range(0, matched.Weights.Length)],
            Streams = [.. matched.Tensors.Index().Where(t => t.Item.IsAlsoFloat).Select(t => t.Index)],
        };
    }

    /// <summary>The samples that it measures on.</summary>
    public ImmutableArray<KeptSample> Samples { get; private set; }

    /// <summary>The sites, in execution order of their first tensors.</summary>
    public ImmutableArray<Int8Site> Sites { get; }

    /// <summary>Everything rounds, as in the int8 network.</summary>
    public Switches AllOn { get; }

    /// <summary>Sum of the squares of the float network's first output.</summary>
    public double Signal { get; private set; }

    /// <summary>What is computed again to measure a change.</summary>
    public IEnumerable<Node> ComputedFor(Switches change) => AfterStartOf(change).SelectMany(s => s.Nodes);

    /// <summary>Measures some changes, each alone.</summary>
    /// <param name="changes">What rounds in each.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <param name="isEnough">Asked between samples; once it holds, those that were not begun are dropped for good. Null for all samples.</param>
    public ImmutableArray<Effect> Measure(IReadOnlyList<Switches> changes, CancellationToken cancellationToken, Func<bool>? isEnough = null)
    {
        var done = MeasureEach(Samples, changes, cancellationToken, isEnough);
        Samples = Samples[..done.Count];
        Signal = done.Sum(d => d.Signal);
        return EffectsOf(done, changes.Count);
    }

    /// <summary>Measures some changes, each alone, on other samples than its own.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="changes">What rounds in each.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public ImmutableArray<Effect> MeasureOn(IReadOnlyList<KeptSample> samples, IReadOnlyList<Switches> changes,
        CancellationToken cancellationToken) => EffectsOf(MeasureEach(samples, changes, cancellationToken), changes.Count);

    /// <summary>Measures some changes on each of some samples, until there is enough.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="changes">What rounds in each.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <param name="isEnough">Asked between samples; null for all of them.</param>
    public List<SampleEffects> MeasureEach(IReadOnlyList<KeptSample> samples, IReadOnlyList<Switches> changes, CancellationToken cancellationToken,
        Func<bool>? isEnough = null)
    {
        var done = new List<SampleEffects>();
        while (done.Count < samples.Count && (done.Count == 0 || isEnough?.Invoke() is not true))
        {
            // Several at a time, and added up in their order: the result does not depend on who was first.
            var wave = new SampleEffects[Math.Min(_atOnce, samples.Count - done.Count)];
            Threads.Each(wave.Length, _atOnce, i => wave[i] = OfSample(samples[done.Count + i], changes, cancellationToken));
            done.AddRange(wave);
            NativeHeap.Trim();
        }
        return done;
    }

    public void Dispose()
    {
        foreach (var segment in _segments) segment.Dispose();
    }

    /// <summary>The network up to where it is judged: what comes after a choice of rows is not computed.</summary>
    private static (Graph Graph, ImmutableArray<Layer> Layers) JudgedPart(FusedModel reference)
    {
        var graph = reference.Model.Graph;
        var choices = RowChoices.Of(graph);
        if (!choices.HasAny) return (graph, reference.Layers);
        var part = choices.JudgedPart();
        return (graph.With(graph.Nodes.Where(part.Contains), outputs: choices.Judged), [.. reference.Layers.Where(l => l.Nodes.Any(part.Contains))]);
    }

    /// <summary>What is kept of a sample while it is measured, as far as sizes are known.</summary>
    private static double BytesOf(Graph graph, ImmutableArray<NetworkSegment> segments, KeptSample? sample) =>
        sample is null || FedShapes.Of(graph, sample.Inputs) is not { } sized ? 0 : segments.Sum(s => s.Makes.Sum(sized.BytesOf));

    /// <summary>What lies before the first change is as in the float network.</summary>
    private IEnumerable<SwitchedSegment> AfterStartOf(Switches change) => _segments.SkipWhile(s => !s.Has(change));

    private SampleEffects OfSample(KeptSample sample, IReadOnlyList<Switches> changes, CancellationToken cancellationToken)
    {
        var values = sample.Inputs.ToDictionary(i => i.Key.Length == 0 ? _inputs[0] : i.Key, i => i.Value, StringComparer.Ordinal);
        var owners = new List<IExecutionResult>();
        try
        {
            Run(_segments, values, Switches.Off, owners, cancellationToken);
            var expected = OutputOf(values);
            var loss = LossOf(expected, sample);
            return new SampleEffects(SquareSums.Of(expected.Span<float>()), [.. _judged.Select(j => SquareSums.Of(j.Read(values[j.Name])))],
                [.. changes.Select(change => OfChange(change, values, expected, loss, sample, cancellationToken))]);
        }
        finally
        {
            foreach (var owner in owners) owner.Dispose();
        }
    }

    private void Run(IEnumerable<SwitchedSegment> segments, Dictionary<string, Tensor> values, Switches switches, List<IExecutionResult> owners,
        CancellationToken cancellationToken)
    {
        foreach (var segment in segments)
        {
            owners.Add(segment.Run(values, switches, cancellationToken));
            // What a segment frees is as much as the next will take, but in other pieces.
            if (_isLarge) NativeHeap.Trim();
        }
    }

    private SampleEffect OfChange(Switches change, Dictionary<string, Tensor> floats, Tensor expected, double? loss,
        KeptSample sample, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, Tensor>(floats, StringComparer.Ordinal);
        var owners = new List<IExecutionResult>();
        try
        {
            Run(AfterStartOf(change), values, change, owners, cancellationToken);
            var actual = OutputOf(values);
            if (actual.Count != expected.Count)
                throw new CaliperException($"The output '{_output}' changes its size when values are rounded, so that it cannot be compared.");
            return new SampleEffect(SquareSums.OfDifference(expected.Span<float>(), actual.Span<float>()), LossOf(actual, sample) - loss,
                [.. _judged.Select(j => SquareSums.OfDifference(j.Read(floats[j.Name]), j.Read(values[j.Name])))]);
        }
        finally
        {
            foreach (var owner in owners) owner.Dispose();
        }
    }

    private ImmutableArray<Effect> EffectsOf(List<SampleEffects> done, int changes)
    {
        double[] signals = [.. _judged.Select((_, o) => done.Sum(d => d.Signals[o]))];
        return
        [
            .. Enumerable.Range(0, changes).Select(c => new Effect(done.Sum(d => d.Effects[c].Noise), done.Average(d => d.Effects[c].Loss),
                [.. signals.Select((signal, o) => signal == 0 ? 0 : done.Sum(d => d.Effects[c].Noises[o]) / signal)])),
        ];
    }

    private Tensor OutputOf(Dictionary<string, Tensor> values) => FloatCasts.ToSingle(_constant ?? values[_output]);

    private double? LossOf(Tensor output, KeptSample sample) => sample.Labels is { } labels && Logits.TryFrom(output)?.Samples == labels.Length
        ? _criterion?.Loss(output, labels.AsSpan()) : null;
}
