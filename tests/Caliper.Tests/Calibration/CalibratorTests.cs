using Caliper.Calibration;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Evaluation.Tests;
using Caliper.Graphs;
using Caliper.Observers;
using CsCheck;

namespace Caliper.Tests.Calibration;

public class CalibratorTests
{
    private static readonly Lazy<byte[]> Whole = new(() => CalibrationFile.ToBytes(CalibratedSample.All()));

    [Fact]
    public void Batch_size_order_and_threads_leave_the_same_bytes() =>
        Gen.Select(Gen.Int[1, CalibratedSample.Count], Gen.Int[1, 4], Gen.Int).Sample((batchSize, threads, seed) =>
        {
            var samples = Enumerable.Range(0, CalibratedSample.Count).ToArray();
            new Random(seed).Shuffle(samples);
            return CalibrationFile.ToBytes(CalibratedSample.Observe(samples, batchSize, threads)).SequenceEqual(Whole.Value);
        }, iter: 20);

    [Theory, InlineData(2), InlineData(5)]
    public void Shards_merged_in_any_order_are_the_whole(int shards)
    {
        var parts = Enumerable.Range(0, shards).Select(s =>
            CalibratedSample.Observe(Enumerable.Range(0, CalibratedSample.Count).Where(i => i % shards == s))).ToList();
        Assert.Equal(Whole.Value, CalibrationFile.ToBytes(CalibrationStatistics.Merge(parts)));
        parts.Reverse();
        Assert.Equal(Whole.Value, CalibrationFile.ToBytes(CalibrationStatistics.Merge(parts)));
    }

    [Fact]
    public void Continuing_earlier_statistics_gives_those_of_one_run()
    {
        var earlier = CalibratedSample.Observe(Enumerable.Range(0, 11));
        var before = CalibrationFile.ToBytes(earlier);
        Assert.Equal(Whole.Value,
            CalibrationFile.ToBytes(CalibratedSample.Observe(Enumerable.Range(11, CalibratedSample.Count - 11), earlier: earlier)));
        Assert.Equal(before, CalibrationFile.ToBytes(earlier));
    }

    [Fact]
    public void Every_layer_and_the_input_are_observed()
    {
        var statistics = CalibratedSample.All();
        Assert.Equal(["conv1.relu", "conv2.bn", "pool", "x", "y"], statistics.Tensors.Keys);
        Assert.Equal(CalibratedSample.Count, statistics.Samples.Count);
        Assert.Equal(CalibratedSample.Count * 6 * 64, statistics.Tensors["conv1.relu"].All.Count);
        Assert.Equal(6, statistics.Tensors["conv1.relu"].All.Channels.Length);
        Assert.True(statistics.Tensors["conv1.relu"].All.Zeros > 0);
    }

    [Fact]
    public void Both_halves_have_samples_and_make_up_the_whole()
    {
        var tensor = CalibratedSample.All().Tensors["y"];
        Assert.InRange(tensor.FirstHalf.Samples, 5, CalibratedSample.Count - 5);
        Assert.Equal(CalibratedSample.Count, tensor.FirstHalf.Samples + tensor.SecondHalf.Samples);
        Assert.Equal(tensor.All.Count, tensor.FirstHalf.Count + tensor.SecondHalf.Count);
    }

    [Fact]
    public void The_ranges_of_a_batch_are_those_of_its_values()
    {
        using var model = CalibratedSample.Network();
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused);
        var batch = CalibratedSample.Batches(Enumerable.Range(3, 7), 7).Single();
        var ranges = calibrator.Observe(batch);
        var values = batch.Inputs[""].Span<float>().ToArray();
        Assert.Equal((values.Min(), values.Max()), ranges["x"]);
        var outputs = fused.Run(batch.Inputs)["y"].Span<float>().ToArray();
        Assert.Equal((outputs.Min(), outputs.Max()), ranges["y"]);
    }

    [Fact]
    public void A_model_of_a_fixed_batch_size_is_observed_like_one_of_a_free_size()
    {
        using var model = new TestModel(1).Input("x", 2, 3, 8, 8).ConvBlock("conv1", "x", 3, 6).Output("conv1.relu").Build();
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(CalibratedSample.Batches(Enumerable.Range(0, 10), 10));
        var free = CalibratedSample.Observe(Enumerable.Range(0, 10)).Tensors["conv1.relu"].All;
        var tensor = calibrator.Statistics.Tensors["conv1.relu"].All;
        Assert.Equal((free.Samples, free.Count, free.Min, free.Max), (tensor.Samples, tensor.Count, tensor.Min, tensor.Max));
        Assert.Equal(free.Channels, tensor.Channels);
    }

    [Fact]
    public void A_batch_that_a_fixed_size_does_not_divide_is_an_error()
    {
        using var model = new TestModel(1).Input("x", 2, 3, 8, 8).ConvBlock("conv1", "x", 3, 6).Output("conv1.relu").Build();
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused);
        var batch = CalibratedSample.Batches([0, 1, 2], 3).Single();
        Assert.Contains("batches of exactly 2", Assert.Throws<CaliperException>(() => { calibrator.Observe(batch); }).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_leaves_statistics_of_exactly_the_samples_in_the_ledger()
    {
        using var model = CalibratedSample.Network();
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            calibrator.Observe(CalibratedSample.Batches(Enumerable.Range(0, 30), 4), cancellationToken: stop.Token, isEnough: _ =>
            {
                if (calibrator.Statistics.Samples.Count >= 12) stop.Cancel();
                return false;
            }));
        var seen = calibrator.Statistics.Samples.Select(s => int.Parse(s.Name[6..], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(12, seen.Length);
        Assert.Equal(CalibrationFile.ToBytes(CalibratedSample.Observe(seen)), CalibrationFile.ToBytes(calibrator.Statistics));
    }

    [Fact]
    public void A_sample_that_is_in_two_parts_cannot_be_merged_twice() => Assert.Contains("'image 3' and 1 more are in two of the parts",
        Assert.Throws<CaliperException>(() =>
            CalibrationStatistics.Merge(CalibratedSample.Observe([1, 2, 3, 4]), CalibratedSample.Observe([3, 4, 5]))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Statistics_of_another_model_are_refused()
    {
        using var model = CalibratedSample.Network(seed: 2);
        using var fused = model.Fuse();
        Assert.Contains("different models", Assert.Throws<CaliperException>(() => new Calibrator(fused, CalibratedSample.Observe([1]))).Message,
            StringComparison.Ordinal);
        using var prepared = fused.Prepare(QConfig.Default);
        Assert.Contains("another model", Assert.Throws<CaliperException>(() => prepared.Load(CalibratedSample.Observe([1]))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Statistics_give_the_parameters_that_forward_passes_give()
    {
        using var model = CalibratedSample.Network();
        using var fused = model.Fuse();
        foreach (var observer in (ObserverSpec[])[QConfig.Default.Activation, ObserverSpec.MinMax])
        {
            var qconfig = QConfig.Default with { Activation = observer };
            using var evaluated = fused.Prepare(qconfig);
            Evaluator.Evaluate(evaluated, null, CalibratedSample.Batches(Enumerable.Range(0, CalibratedSample.Count), 7));
            using var loaded = fused.Prepare(qconfig);
            loaded.Load(CalibratedSample.All());
            Assert.Equal(evaluated.Observers.Select(o => o.Observer.CalculateQParams()), loaded.Observers.Select(o => o.Observer.CalculateQParams()));
        }
    }

    [Fact]
    public void Tensors_of_a_known_range_and_shared_scales_load_like_the_others()
    {
        var qconfig = QConfig.Default with { FixedRanges = true };
        using var model = new TestModel(3).Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4).ConvBlock("b", "x", 3, 6, relu: false)
            .Node("Sigmoid", "b.bn", "s").Node("Concat", "a.relu s", "c", n => n.With("axis", 1))
            .Node("MaxPool", "c", "m", n => n.With("kernel_shape", 2, 2))
            .ConvBlock("d", "m", 10, 4, relu: false).Node("Sigmoid", "d.bn", "p").ConvBlock("e", "p", 4, 2).Output("e.relu").Build();
        using var fused = model.Fuse();
        var batches = CalibratedSample.Batches(Enumerable.Range(0, CalibratedSample.Count), 7).ToArray();
        using var evaluated = fused.Prepare(qconfig);
        Evaluator.Evaluate(evaluated, null, batches);
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(batches);
        using var loaded = fused.Prepare(qconfig);
        loaded.Load(calibrator.Statistics);
        Assert.Contains(loaded.Observers, o => o.Observer is FixedQParamsObserver);
        using var folder = new TemporaryFolder();
        evaluated.Convert().Save(folder.At("evaluated.onnx"));
        loaded.Convert().Save(folder.At("loaded.onnx"));
        Assert.Equal(File.ReadAllBytes(folder.At("evaluated.onnx")), File.ReadAllBytes(folder.At("loaded.onnx")));
    }

    [Fact]
    public void A_moving_average_comes_from_the_trace_and_from_nothing_else()
    {
        using var model = CalibratedSample.Network();
        using var fused = model.Fuse();
        var qconfig = QConfig.Default with { Activation = ObserverSpec.MovingAverageMinMax };
        using var evaluated = fused.Prepare(qconfig);
        var batches = CalibratedSample.Batches(Enumerable.Range(0, CalibratedSample.Count), 7).ToArray();
        Evaluator.Evaluate(evaluated, null, batches);
        var trace = new CalibrationTrace();
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(batches, isEnough: ranges =>
        {
            trace.Add(calibrator.Statistics.Samples.Count, ranges);
            return false;
        });
        using var loaded = fused.Prepare(qconfig);
        Assert.Contains("calibrate --trace", Assert.Throws<CaliperException>(() => loaded.Load(calibrator.Statistics)).Message,
            StringComparison.Ordinal);
        loaded.Load(calibrator.Statistics, trace);
        Assert.Equal(evaluated.Observers.Select(o => o.Observer.CalculateQParams()), loaded.Observers.Select(o => o.Observer.CalculateQParams()));
    }

    [Fact]
    public void What_depends_on_order_is_not_computed_from_statistics()
    {
        using var model = CalibratedSample.Network();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Fbgemm);
        Assert.Contains("depends on the order of the batches",
            Assert.Throws<CaliperException>(() => prepared.Load(CalibratedSample.All())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_of_several_names_are_cut_alike()
    {
        using var model = new TestModel(1).Input("a", -1, 4).Input("b", -1, 4).Node("Add", "a b", "sum").Output("sum").Build();
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(new Batch(new Dictionary<string, Tensor>
        {
            ["a"] = Tensor.Of(Shape.Of(2, 4), new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }),
            ["b"] = Tensor.Of(Shape.Of(2, 4), new float[] { 10, 20, 30, 40, 50, 60, 70, 80 }),
        }, null, ["first", "second"]));
        var sum = calibrator.Statistics.Tensors["sum"].All;
        Assert.Equal((11, 88, "second"), (sum.Min, sum.Max, sum.Greatest[0].Sample));
        Assert.Equal(["first", "second"], calibrator.Statistics.Samples.Select(s => s.Name));
    }

    [Fact]
    public void Inputs_of_other_numbers_of_samples_are_refused()
    {
        using var model = new TestModel(1).Input("a", -1, 4).Input("b", -1, 4).Node("Add", "a b", "sum").Output("sum").Build();
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused);
        var batch = new Batch(new Dictionary<string, Tensor>
        {
            ["a"] = Tensor.Of(Shape.Of(2, 4), new float[8]),
            ["b"] = Tensor.Of(Shape.Of(1, 4), new float[4]),
        }, null, ["first", "second"]);
        Assert.Contains("'b'", Assert.Throws<CaliperException>(() => calibrator.Observe(batch)).Message, StringComparison.Ordinal);
        Assert.Contains("2 samples", Assert.Throws<CaliperException>(() => calibrator.Observe([batch])).Message, StringComparison.Ordinal);
    }
}
