using Caliper.Data;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Evaluation;

/// <summary>Collects the vectors of two models, sample by sample. Its memory is that of the vectors.</summary>
/// <param name="reference">What is taken as right.</param>
/// <param name="candidate">What is judged.</param>
/// <param name="pooling">How an output becomes a vector.</param>
/// <param name="pairs">Pairs of samples that have a score; those of which a sample is missing do not count.</param>
internal sealed class VectorMeter(IModel reference, IModel candidate, Pooling pooling, IEnumerable<ScoredPair> pairs)
{
    private readonly List<string> _names = [];
    private readonly List<float[]> _expected = [];
    private readonly List<float[]> _actual = [];

    /// <summary>What was measured.</summary>
    /// <exception cref="CaliperException">The models' vectors differ in length, or a vector holds no numbers.</exception>
    public VectorComparisonResult Result
    {
        get
        {
            if (_expected[0].Length != _actual[0].Length)
                throw new CaliperException($"The models cannot be compared: one gives vectors of {_expected[0].Length} numbers, "
                    + $"the other of {_actual[0].Length}.");
            float[][] expected = [.. _expected.Select(Normalized)], actual = [.. _actual.Select(Normalized)];
            var cosines = expected.Zip(actual, Cosine).ToArray();
            var least = Array.IndexOf(cosines, cosines.Min());
            var (recall1, recall10) = NeighbourRecall.Of(expected, actual);
            var scored = ScoredPlaces();
            return new VectorComparisonResult
            {
                Samples = expected.Length,
                Dimensions = expected[0].Length,
                MeanCosine = cosines.Average(),
                LeastCosine = cosines[least],
                LeastSample = _names[least],
                Recall1 = recall1,
                Recall10 = recall10,
                ReferenceSpearman = SpearmanOf(expected, scored),
                CandidateSpearman = SpearmanOf(actual, scored),
            };
        }
    }

    /// <summary>Takes the outputs of both models for a batch in.</summary>
    public void Update(Batch batch, IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        _names.AddRange(batch.SampleNames);
        _expected.AddRange(PooledVectors.Of(batch.Inputs, reference.Outputs.Select(o => expected[o.Name]), pooling));
        _actual.AddRange(PooledVectors.Of(batch.Inputs, candidate.Outputs.Select(o => actual[o.Name]), pooling));
        if (_expected.Count != _names.Count) throw new CaliperException(
            $"The network returns {_expected.Count} vectors for {_names.Count} samples: its output's first axis is not the samples.");
    }

    private static double Cosine(float[] first, float[] second) => first.AsSpan().ContainsAnyExcept(0f) || second.AsSpan().ContainsAnyExcept(0f)
        ? Dot(first, second) : 1;

    /// <summary>In double precision: vectors that differ in their last bits have a cosine of 1.</summary>
    private static double Dot(float[] first, float[] second)
    {
        var sum = 0.0;
        for (var i = 0; i < first.Length; i++) sum += (double)first[i] * second[i];
        return sum;
    }

    private static float[] Normalized(float[] vector)
    {
        var length = Math.Sqrt(Dot(vector, vector));
        if (!double.IsFinite(length))
            throw new CaliperException("A vector holds NaN or infinity; the network overflows, or its inputs are not its own.");
        return length == 0 ? vector : Array.ConvertAll(vector, v => (float)(v / length));
    }

    private (int First, int Second, double Score)[] ScoredPlaces()
    {
        var places = _names.Index().GroupBy(n => n.Item, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First().Index, StringComparer.Ordinal);
        return [.. pairs.Where(p => places.ContainsKey(p.First) && places.ContainsKey(p.Second))
            .Select(p => (places[p.First], places[p.Second], p.Score))];
    }

    private static double? SpearmanOf(float[][] vectors, (int First, int Second, double Score)[] scored) => scored.Length < 2 ? null
        : RankCorrelation.Of([.. scored.Select(p => p.Score)], [.. scored.Select(p => Cosine(vectors[p.First], vectors[p.Second]))]);
}
