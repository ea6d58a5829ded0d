using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;

namespace Caliper.Evaluation;

/// <summary>How close two models are in one output: its SQNR and similarity, and the SQNR of each part where the network joins it of several:
/// beside boxes in pixels the error of scores between 0 and 1 would not be seen.</summary>
internal sealed class OutputMeter
{
    private readonly string _output;
    private readonly int _axis;
    private readonly (string Name, long Length, SqnrMeter Meter)[] _parts;
    private readonly SqnrMeter _whole = new();
    private readonly SimilarityMeter _similarity = new();
    private (string Name, double Signal, double Noise) _noisiest = ("", 0, 0);

    private OutputMeter(string output, int axis, (string Name, long Length)[] parts)
    {
        (_output, _axis, _parts) = (output, axis, [.. parts.Select(p => (p.Name, p.Length, new SqnrMeter()))]);
    }

    /// <summary>The ratios so far.</summary>
    public OutputSqnr Result => new(_output, _whole.Decibels)
    {
        LeastCosine = _similarity.LeastCosine,
        Overlap = _similarity.Overlap,
        Noisiest = _noisiest.Noise is > 0 and var noise
            ? new(_noisiest.Name, noise / _whole.Noise, SqnrMeter.DecibelsOf(_whole.Signal - _noisiest.Signal, _whole.Noise - noise)) : null,
        Parts = _parts.Length == 0 ? [] : [.. _parts.Select(p => new OutputSqnr(p.Name, p.Meter.Decibels))],
    };

    /// <summary>A meter for an output; a Concat at its end, transposed or not, tells the parts.</summary>
    /// <param name="graph">The reference network, or null where it is not known.</param>
    /// <param name="output">Name of the output.</param>
    public static OutputMeter Of(Graph? graph, string output)
    {
        if (graph?.ProducerOf(output) is not { } node) return new(output, 0, []);
        var order = node.Is("Transpose") ? node.Ints("perm") : null;
        var join = node.OpType is "Transpose" or "Identity" ? graph.ProducerOf(node.Input(0)) : node;
        if (join is null || !join.Is("Concat") || (node.Is("Transpose") && order is null)) return new(output, 0, []);
        var inferred = ShapeInference.Infer(graph);
        var shapes = join.Inputs.Select(i => inferred.Find(i)?.Shape ?? inferred.Constant(i)?.Shape).ToArray();
        if (shapes.Any(s => s is null)) return new(output, 0, []);
        var axis = join.Int("axis", 0);
        if (axis < 0) axis += shapes[0]!.Value.Rank;
        var lengths = shapes.Select(s => s!.Value[(int)axis]).ToArray();
        if (lengths.Any(l => !l.IsKnown)) return new(output, 0, []);
        var place = order is { } moved ? moved.IndexOf(axis) : (int)axis;
        return new(output, place, [.. join.Inputs.Zip(lengths, (name, length) => (name, length.Length))]);
    }

    /// <summary>Takes the same output of both models in.</summary>
    public void Update(Tensor reference, Tensor candidate, ImmutableArray<string> samples)
    {
        var expected = reference.Span<float>();
        var actual = candidate.Span<float>();
        UpdateWhole(expected, actual, reference.Shape.Rank > 0 && reference.Shape[0].Length % samples.Length == 0 ? samples : []);
        _similarity.Update(reference, candidate);
        if (_parts.Length == 0 || reference.Shape.Rank <= _axis || reference.Shape[_axis].Length != _parts.Sum(p => p.Length)) return;
        var inner = reference.Shape.ToArray().Skip(_axis + 1).Aggregate(1L, (product, length) => product * length);
        for (var at = 0; at < expected.Length;)
        {
            foreach (var (_, length, meter) in _parts)
            {
                var count = (int)(length * inner);
                meter.Update(expected.Slice(at, count), actual.Slice(at, count));
                at += count;
            }
        }
    }

    private void UpdateWhole(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, ImmutableArray<string> samples)
    {
        if (samples.IsEmpty) _whole.Update(expected, actual);
        var each = expected.Length / Math.Max(1, samples.Length);
        for (var i = 0; i < samples.Length; i++)
        {
            var (signal, noise) = (_whole.Signal, _whole.Noise);
            _whole.Update(expected.Slice(i * each, each), actual.Slice(i * each, each));
            if (_whole.Noise - noise > _noisiest.Noise) _noisiest = (samples[i], _whole.Signal - signal, _whole.Noise - noise);
        }
    }
}
