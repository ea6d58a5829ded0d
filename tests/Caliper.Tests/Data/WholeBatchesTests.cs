using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Tests.Data;

public class WholeBatchesTests
{
    [Fact]
    public void The_size_is_what_all_inputs_fix()
    {
        Assert.Equal(4, SizeOf(new TestModel().Input("x", 4, 3).Input("state", 8, 3).Input("rate", 4)));
        Assert.Equal(1, SizeOf(new TestModel().Input("x", 1, 3).Input("state", 2, 3)));
        Assert.Equal(1, SizeOf(new TestModel().Input("x", -1, 3).Input("state", 2, -1, 3)));
        Assert.Equal(1, SizeOf(new TestModel().Input("x", 4, 3).Input("rate")));
    }

    [Theory]
    [InlineData(12, 4, 4, new[] { 4, 4, 4 })]
    [InlineData(11, 4, 8, new[] { 8 })]
    [InlineData(13, 4, 8, new[] { 8, 4 })]
    [InlineData(5, 1, 2, new[] { 2, 2, 1 })]
    public void Samples_that_fill_no_batch_are_left_out_and_named(int samples, int size, int batchSize, int[] expected)
    {
        var data = new Some(samples, batchSize);
        var loader = WholeBatches.Of(data, size, batchSize);
        Batch[] batches = [.. loader];
        Assert.Equal(expected, batches.Select(b => b.Count));
        Assert.Equal((expected.Sum(), expected.Length), (loader.SampleCount, loader.BatchCount));
        Assert.Equal(data.SampleNames.Take(expected.Sum()), batches.SelectMany(b => b.SampleNames));
        Assert.Equal(loader.SampleNames, batches.SelectMany(b => b.SampleNames));
        Assert.All(batches, b => Assert.Equal((2 * b.Count, b.Count), ((int)b.Inputs["state"].Shape[0].Length, b.Labels!.Value.Length)));
        if (samples == expected.Sum()) Assert.Same(data, loader);
        else Assert.Contains($"last {samples - expected.Sum()} of {samples}", loader.Diagnostics.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_samples_than_a_batch_are_an_error() =>
        Assert.Contains("exactly 4", Assert.Throws<CaliperException>(() => WholeBatches.Of(new Some(3, 4), 4, 4)).Message, StringComparison.Ordinal);

    private static int SizeOf(TestModel model)
    {
        using var built = model.Node("Relu", "x", "y").Output("y").Build();
        return WholeBatches.SizeOf(built);
    }

    private sealed class Some(int samples, int batchSize) : List<Batch>(Enumerable.Range(0, samples).Chunk(batchSize).Select(chunk => new Batch(
        new Dictionary<string, Tensor> { ["state"] = Tensor.Of(Shape.Of(2 * chunk.Length, 1), new float[2 * chunk.Length]) },
        [.. chunk], [.. chunk.Select(i => $"s{i}")]))), ILoader
    {
        public int SampleCount => samples;

        public int BatchCount => Count;

        public bool HasLabels => true;

        public IEnumerable<string> SampleNames => this.SelectMany(b => b.SampleNames);
    }
}
