using System.Numerics.Tensors;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Evaluation;

/// <summary>What embeddings and masks are judged by: the cosine between what two models give for a sample, and how far the regions that they mark
/// overlap.</summary>
internal sealed class SimilarityMeter
{
    private const float Marked = 0.5f;

    private double _leastCosine = double.PositiveInfinity;
    private long _both;
    private long _either;
    private bool _areShares = true;

    /// <summary>The least cosine of a sample; null where no sample had a direction.</summary>
    public double? LeastCosine => double.IsFinite(_leastCosine) ? _leastCosine : null;

    /// <summary>Elements that both mark (0.5 or more) per element that either does, over all samples, 0..1; null where nothing is marked, or values
    /// lie outside 0..1 and mark nothing.</summary>
    public double? Overlap => _areShares && _either > 0 ? (double)_both / _either : null;

    /// <summary>Takes the same output of both models in; samples lie along its first axis.</summary>
    public void Update(Tensor reference, Tensor candidate)
    {
        var expected = reference.Span<float>();
        var actual = candidate.Span<float>();
        if (expected.IsEmpty) return;
        var each = reference.Shape.Rank < 2 ? expected.Length : expected.Length / (int)reference.Shape[0].Length;
        for (var at = 0; at < expected.Length; at += each) Compare(expected.Slice(at, each), actual.Slice(at, each));
        // Rounding may leave a share a little beyond its ends.
        _areShares &= TensorPrimitives.Min(expected) >= -1e-3f && TensorPrimitives.Max(expected) <= 1.001f;
        for (var i = 0; _areShares && i < expected.Length; i++)
        {
            var (one, other) = (expected[i] >= Marked, actual[i] >= Marked);
            _both += one && other ? 1 : 0;
            _either += one || other ? 1 : 0;
        }
    }

    private void Compare(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        var (product, first, second) = (0.0, 0.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            product += (double)expected[i] * actual[i];
            first += (double)expected[i] * expected[i];
            second += (double)actual[i] * actual[i];
        }
        if (first == 0) return;
        // What is no number has no direction, either.
        var cosine = second == 0 ? 0 : product / Math.Sqrt(first * second);
        _leastCosine = Math.Min(_leastCosine, double.IsNaN(cosine) ? -1 : cosine);
    }
}
