using System.Numerics.Tensors;

namespace Caliper.Evaluation;

/// <summary>Whether an index of one model's vectors, asked with another model's, still finds the nearest neighbours that it found.</summary>
internal static class NeighbourRecall
{
    private const int Nearest = 10;

    /// <summary>So many samples ask at most, evenly spaced: the work grows with the square of the data otherwise.</summary>
    private const int MostQueries = 2000;

    /// <summary>The shares of the nearest and of the ten nearest that are found, in percent; null where there are too few vectors.</summary>
    /// <param name="index">The vectors that are searched, of length 1.</param>
    /// <param name="queries">The same samples' vectors of the other model, of length 1.</param>
    public static (double? Recall1, double? Recall10) Of(float[][] index, float[][] queries)
    {
        if (index.Length < 2) return (null, null);
        var count = Math.Min(index.Length, MostQueries);
        var (first, ten) = (new bool[count], new int[count]);
        Parallel.For(0, count, i =>
        {
            var sample = (int)((long)i * index.Length / count);
            var (expected, actual) = (NearestOf(index, index[sample], sample), NearestOf(index, queries[sample], sample));
            (first[i], ten[i]) = (expected[0] == actual[0], expected.Intersect(actual).Count());
        });
        return (100.0 * first.Count(f => f) / count, index.Length <= Nearest ? null : 100.0 * ten.Sum() / (count * Nearest));
    }

    /// <summary>The places of the nearest, of equals the first; the sample itself left out.</summary>
    private static int[] NearestOf(float[][] index, float[] query, int self)
    {
        var nearest = new PriorityQueue<int, (float Cosine, int Place)>(Nearest + 1);
        for (var place = 0; place < index.Length; place++)
        {
            if (place == self) continue;
            nearest.Enqueue(place, (TensorPrimitives.Dot<float>(index[place], query), -place));
            if (nearest.Count > Nearest) nearest.Dequeue();
        }
        var places = new int[nearest.Count];
        for (var i = places.Length - 1; i >= 0; i--) places[i] = nearest.Dequeue();
        return places;
    }
}
