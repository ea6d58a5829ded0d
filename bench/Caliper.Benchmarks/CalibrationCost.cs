using System.Diagnostics;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Imaging;
using Caliper.Preparation;

namespace Caliper.Benchmarks;

/// <summary>
/// What observing costs beside the forward passes it watches: plain forward passes, the same with every tensor as an output,
/// and calibration, in turns. The least of several runs counts: what other processes take is not ours.
/// </summary>
internal static class CalibrationCost
{
    private const int Runs = 7, Images = 128;

    public static void Print(string model, string data, string preset, string crop, int threads)
    {
        using var network = FloatModel.Load(model, new ExecutionOptions { Threads = threads });
        using var fused = network.Fuse();
        var side = int.Parse(crop, System.Globalization.CultureInfo.InvariantCulture);
        var preprocessing = Preprocessing.Preset(preset) with { Crop = side > 0 ? new ImageSize(side, side) : null };
        var batches = ImageFolder.Open(data, preprocessing, 32, new SampleSelection { Limit = Images }).ToArray();
        var samples = batches.SelectMany(SamplesOf).ToArray();
        using var exposed = new FloatModel(ObservedGraph.Of(fused.Model, ObservableValues.Of(fused).Select(v => v.Name)),
            new ExecutionOptions { Threads = 1 });
        using var batchwise = OnnxRuntimeBackend.Instance.Load(fused.Model, new ExecutionOptions { Threads = threads });
        using var session = OnnxRuntimeBackend.Instance.Load(exposed.Model, new ExecutionOptions { Threads = 1 });
        var input = fused.Inputs[0].Name;

        var (plain, forward, observed) = (double.MaxValue, double.MaxValue, double.MaxValue);
        for (var run = 0; run < Runs; run++)
        {
            plain = Math.Min(plain, Seconds(() =>
            {
                foreach (var batch in batches) batchwise.Run(new Dictionary<string, Tensor> { [input] = batch.Inputs[""] }).Dispose();
            }));
            forward = Math.Min(forward, Seconds(() => Threads.Each(samples.Length, threads, i =>
                session.Run(new Dictionary<string, Tensor> { [input] = samples[i] }).Dispose())));
            observed = Math.Min(observed, Seconds(() =>
            {
                using var calibrator = new Calibrator(fused);
                calibrator.Observe(batches);
            }));
        }
        Console.WriteLine(FormattableString.Invariant($"{samples.Length} images, {threads} threads, least of {Runs} runs"));
        Console.WriteLine(FormattableString.Invariant($"float forward passes, batches of 32            {plain:F3} s"));
        Console.WriteLine(FormattableString.Invariant($"the same with every tensor as an output, by one  {forward:F3} s"));
        var cost = 100 * (observed / forward - 1);
        Console.WriteLine(FormattableString.Invariant($"calibration, its session made anew               {observed:F3} s, {cost:F0} % more"));
    }

    private static IEnumerable<Tensor> SamplesOf(Batch batch) => Enumerable.Range(0, batch.Count).Select(i => Batches.Slice(batch.Inputs[""], i, 1));

    private static double Seconds(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
