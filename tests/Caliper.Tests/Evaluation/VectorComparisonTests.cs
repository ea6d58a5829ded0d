using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Graphs;

namespace Caliper.Tests.Evaluation;

public class VectorComparisonTests
{
    [Fact]
    public void The_mean_leaves_out_what_the_mask_does()
    {
        var inputs = Inputs(new long[] { 1, 1, 0, 1, 0, 0 }, 2, 3);
        var output = Tensor.Of(Shape.Of(2, 3, 2), new float[] { 1, 2, 3, 4, 99, 99, 5, 6, 99, 99, 99, 99 });
        Assert.Equal(new float[][] { [2, 3], [5, 6] }, PooledVectors.Of(inputs, [output], Pooling.Mean));
        Assert.Equal(new float[][] { [1, 2], [5, 6] }, PooledVectors.Of(inputs, [output], Pooling.Cls));
        var states = Tensor.Of(Shape.Of(1, 3, 2), new float[6]);
        Assert.Equal(new float[][] { [0, 0] }, PooledVectors.Of(Inputs(new long[3], 1, 3), [states], Pooling.Mean));
    }

    [Fact]
    public void An_output_without_the_axes_is_refused()
    {
        var output = Tensor.Of(Shape.Of(1, 2), new float[] { 3, 4 });
        Assert.Equal(new float[][] { [3, 4] }, PooledVectors.Of(Inputs([1], 1, 1), [output], Pooling.None));
        Assert.Contains("[N, L, H]", Assert.Throws<CaliperException>(() => PooledVectors.Of(Inputs([1], 1, 1), [output], Pooling.Mean)).Message);
    }

    [Fact]
    public void Recall_is_that_of_brute_force()
    {
        var random = new Random(5);
        float[][] index = [.. Enumerable.Range(0, 60).Select(_ => Unit(random, 6))];
        float[][] queries = [.. index.Select(v => Normalized([.. v.Select(x => x + 0.2f * (float)(random.NextDouble() - 0.5))]))];
        var (one, ten) = (0, 0);
        for (var i = 0; i < index.Length; i++)
        {
            int[] Nearest(float[] query) => [.. Enumerable.Range(0, index.Length).Where(j => j != i)
                .OrderByDescending(j => index[j].Zip(query, (a, b) => (double)a * b).Sum()).Take(10)];
            var (expected, actual) = (Nearest(index[i]), Nearest(queries[i]));
            one += expected[0] == actual[0] ? 1 : 0;
            ten += expected.Intersect(actual).Count();
        }
        Assert.InRange(ten, 300, 599);
        Assert.Equal(((double?)(100.0 * one / 60), (double?)(100.0 * ten / 600)), NeighbourRecall.Of(index, queries));
        Assert.Equal(((double?)100, (double?)100), NeighbourRecall.Of(index, index));
        Assert.Equal((100.0, null), NeighbourRecall.Of(index[..10], index[..10]));
        Assert.Equal((null, null), NeighbourRecall.Of(index[..1], index[..1]));
    }

    [Fact]
    public void Equal_values_share_a_rank()
    {
        Assert.Equal(1, RankCorrelation.Of([1, 2, 3], [10, 20, 1000]), 12);
        Assert.Equal(-1, RankCorrelation.Of([1, 2, 3], [3, 2, 1]), 12);
        // scipy.stats.spearmanr([1, 2, 2, 4], [1, 3, 2, 4])
        Assert.Equal(0.9486832980505138, RankCorrelation.Of([1, 2, 2, 4], [1, 3, 2, 4]), 12);
        Assert.True(double.IsNaN(RankCorrelation.Of([1, 1], [1, 2])));
    }

    [Fact]
    public void Two_models_are_compared_by_the_vectors_of_their_samples()
    {
        var reference = new VectorModel(x => [x, 1]);
        var candidate = new VectorModel(x => [x == 2 ? -2 : x, 1]);
        var batch = Batch.Of(Tensor.Of(Shape.Of(12, 1), [.. Enumerable.Range(0, 12).Select(i => (float)i)]));
        ScoredPair[] pairs = [new("#0", "#1", 5), new("#0", "#5", 2), new("#0", "#11", 1), new("#0", "nowhere", 9)];
        var result = VectorComparison.Compare(reference, candidate, Pooling.None, [batch], pairs);
        Assert.Equal((12, 2, "#2"), (result.Samples, result.Dimensions, result.LeastSample));
        Assert.Equal(-0.6, result.LeastCosine, 6);
        Assert.Equal((11 - 0.6) / 12, result.MeanCosine, 6);
        Assert.Equal(1, result.ReferenceSpearman!.Value, 12);
        Assert.Equal(1, result.CandidateSpearman!.Value, 12);
        Assert.InRange(result.Recall10!.Value, 80, 99.9);
    }

    [Fact]
    public void Vectors_of_different_lengths_cannot_be_compared() => Assert.Contains("2 numbers", Assert.Throws<CaliperException>(() =>
        VectorComparison.Compare(new VectorModel(x => [x, 1]), new VectorModel(x => [x, 1, 2]), Pooling.None,
            [Batch.Of(Tensor.Of(Shape.Of(1, 1), new float[1]))])).Message);

    private static Dictionary<string, Tensor> Inputs(long[] mask, int samples, int tokens) =>
        new() { ["attention_mask"] = Tensor.Of(Shape.Of(samples, tokens), mask) };

    private static float[] Unit(Random random, int width) =>
        Normalized([.. Enumerable.Range(0, width).Select(_ => (float)(random.NextDouble() - 0.5))]);

    private static float[] Normalized(float[] vector)
    {
        var length = MathF.Sqrt(vector.Sum(v => v * v));
        return [.. vector.Select(v => v / length)];
    }

    private sealed class VectorModel(Func<float, float[]> make) : IModel
    {
        public IReadOnlyList<Value> Inputs => [new Value("x", ElementType.Float32, new Shape([Dimension.Named("n"), Dimension.Of(1)]))];

        public IReadOnlyList<Value> Outputs => [new Value("y", ElementType.Float32, new Shape([Dimension.Named("n"), Dimension.Unknown]))];

        public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default)
        {
            float[][] rows = [.. inputs[""].Span<float>().ToArray().Select(make)];
            return new Dictionary<string, Tensor> { ["y"] = Tensor.Of(Shape.Of(rows.Length, rows[0].Length), [.. rows.SelectMany(r => r)]) };
        }
    }
}
