using System.Collections;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Graphs;

namespace Caliper.Tests.Data;

/// <summary>Steps are fed with the states that the network itself had before them.</summary>
public class StreamLoaderTests
{
    private static readonly StateFeed Feed = new(new Dictionary<string, string> { ["state"] = "next" });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void States_are_those_of_the_network_whatever_the_batch(int batchSize)
    {
        using var model = Model(0.5f);
        var batches = new StreamLoader(Samples(Shape.Of(7, 2)), model, Feed, batchSize).ToArray();
        Assert.Equal((7 + batchSize - 1) / batchSize, batches.Length);
        var states = batches.SelectMany(b => b.Inputs["state"].Span<float>().ToArray()).ToArray();
        var expected = new float[2];
        for (var step = 0; step < 7; step++)
        {
            Assert.Equal(expected, states[(step * 2)..(step * 2 + 2)]);
            for (var i = 0; i < 2; i++) expected[i] = expected[i] * 0.5f + (step * 2) + i;
        }
    }

    [Fact]
    public void An_axis_more_than_the_input_has_is_that_of_the_steps_and_each_sample_starts_anew()
    {
        using var model = Model(0.5f);
        var loader = new StreamLoader(Samples(Shape.Of(2, 3, 2)), model, Feed, 4);
        Assert.Equal(6, loader.SampleCount);
        Assert.Equal(["#0/0", "#0/1", "#0/2", "#1/0", "#1/1", "#1/2"], loader.SampleNames);
        Assert.Equal(loader.SampleNames, loader.SelectMany(b => b.SampleNames));
        var states = loader.SelectMany(b => b.Inputs["state"].Span<float>().ToArray()).ToArray();
        Assert.Equal([0f, 0, 0, 1, 2, 3.5f, 0, 0, 6, 7, 11, 12.5f], states);
    }

    [Theory]
    [InlineData(2L, 3L)]
    [InlineData(2L)]
    public void A_single_number_is_each_steps_or_one_for_all_of_a_stream(params long[] shape)
    {
        using var built = new TestModel().Input("x", 1, 2).Input("state", 1, 2).Input("rate")
            .Node("Mul", "state rate", "kept").Node("Add", "kept x", "next").Output("next").Build();
        using var model = FloatModel.Load(built.ToBytes());
        var rates = Tensor.Of(Shape.Of(shape), [.. Enumerable.Range(1, (int)Shape.Of(shape).ElementCount).Select(i => (float)i)]);
        var batch = Samples(Shape.Of(2, 3, 2)).Single();
        var data = new OneBatch(batch with { Inputs = new Dictionary<string, Tensor>(batch.Inputs) { ["rate"] = rates } });
        var steps = new StreamLoader(data, model, Feed, 4).ToArray();
        float[] expected = shape.Length == 2 ? [1, 2, 3, 4, 5, 6] : [1, 1, 1, 2, 2, 2];
        Assert.Equal(expected, steps.SelectMany(b => b.Inputs["rate"].Span<float>().ToArray()));
    }

    [Fact]
    public void A_stream_starts_with_what_the_data_says()
    {
        using var model = Model(0.5f);
        var data = Samples(Shape.Of(2, 2), state: Tensor.Of(Shape.Of(2, 2), [8f, 4, 100, 100]));
        var states = new StreamLoader(data, model, Feed, 2).Single().Inputs["state"];
        Assert.Equal([8f, 4, 4, 3], states.Span<float>().ToArray());
    }

    [Fact]
    public void A_limit_takes_the_first_steps_and_what_is_skipped_is_run()
    {
        using var model = Model(0.5f);
        var all = new StreamLoader(Samples(Shape.Of(7, 2)), model, Feed, 7).Single();
        var some = new StreamLoader(Samples(Shape.Of(7, 2)), model, Feed, 7, limit: 5, skip: 2).Single();
        Assert.Equal(["#2", "#3", "#4"], some.SampleNames);
        Assert.Equal(all.Inputs["state"].Span<float>()[4..10].ToArray(), some.Inputs["state"].Span<float>().ToArray());
    }

    [Fact]
    public void Each_of_two_networks_that_are_compared_is_fed_with_its_own_states()
    {
        using var one = Model(0.5f);
        using var other = Model(0.25f);
        var loader = new StreamLoader(Samples(Shape.Of(5, 2)), one, Feed, 2);
        var result = ModelComparison.Compare(one, other, null, loader);
        double signal = 0, noise = 0;
        var (a, b) = (new double[2], new double[2]);
        for (var step = 0; step < 5; step++)
            for (var i = 0; i < 2; i++)
            {
                (a[i], b[i]) = (a[i] * 0.5 + (step * 2) + i, b[i] * 0.25 + (step * 2) + i);
                (signal, noise) = (signal + a[i] * a[i], noise + (a[i] - b[i]) * (a[i] - b[i]));
            }
        Assert.Equal(10 * Math.Log10(signal / noise), result.Sqnr.Single(s => s.Output == "next").Decibels, 4);
    }

    [Theory]
    [InlineData("state", "nxt", "no output 'nxt'")]
    [InlineData("stat", "next", "no input 'stat'")]
    [InlineData("state", "wide", "types or sizes differ")]
    public void What_does_not_fit_is_refused_by_name(string input, string output, string said)
    {
        using var model = Model(0.5f).Fuse();
        var error = Assert.Throws<CaliperException>(() => new StreamLoader(Samples(Shape.Of(2, 2)), model,
            new StateFeed(new Dictionary<string, string> { [input] = output }), 1));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    /// <summary>next = state · decay + x.</summary>
    private static FloatModel Model(float decay)
    {
        using var built = new TestModel().Input("x", 1, 2).Input("state", 1, 2).Constant("decay", Tensor.Scalar(decay))
            .Node("Mul", "state decay", "kept").Node("Add", "kept x", "next").Node("Concat", "kept x", "wide", n => n.With("axis", 1))
            .Output("next").Output("wide").Build();
        return FloatModel.Load(built.ToBytes());
    }

    private static OneBatch Samples(Shape shape, Tensor? state = null)
    {
        var x = Tensor.Of(shape, [.. Enumerable.Range(0, (int)shape.ElementCount).Select(i => (float)i)]);
        var inputs = new Dictionary<string, Tensor> { ["x"] = x };
        if (state is not null) inputs["state"] = state;
        return new(new Batch(inputs, null, [.. Enumerable.Range(0, (int)shape[0].Length).Select(i => $"#{i}")]));
    }

    private sealed class OneBatch(Batch batch) : ILoader
    {
        public int SampleCount => batch.Count;

        public int BatchCount => 1;

        public bool HasLabels => false;

        public IEnumerable<string> SampleNames => batch.SampleNames;

        public IEnumerator<Batch> GetEnumerator() => new List<Batch> { batch }.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
