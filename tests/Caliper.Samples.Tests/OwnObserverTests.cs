using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Ranges;
using Caliper.Statistics;
using OwnObserver;

namespace Caliper.Samples.Tests;

/// <summary>An observer and a range method of users, in an assembly that sees only what is public, as this one does.</summary>
public class OwnObserverTests
{
    public OwnObserverTests()
    {
        ObserverSpec.Register(new MeanMinMaxSpec());
        RangeMethod.Register(new SigmaRange());
    }

    [Fact]
    public void The_observer_averages_all_batches_alike()
    {
        var observer = new MeanMinMaxSpec().Create();
        foreach (var (min, max) in new[] { (-1f, 4f), (-3f, 8f), (-8f, float.PositiveInfinity), (-4f, 3f) })
            observer.Observe(Tensor.Vector([min, max, 0]));
        // (−1 − 3 − 8 − 4) / 4, and (4 + 8 + 0 + 3) / 4: infinity is skipped.
        Assert.Equal((-4f, 3.75f), (observer.Mins[0], observer.Maxs[0]));
        Assert.Equal(ParametersOf(-4, 3.75f), observer.CalculateQParams());
        observer.Reset();
        observer.Observe(Tensor.Vector([1f, 2]));
        Assert.Equal((1f, 2f), (observer.Mins[0], observer.Maxs[0]));
        Assert.Equal("MeanMinMaxObserver(min_val=1.0000, max_val=2.0000, scale=0.0078, zero_point=0)", observer.ToString());
    }

    [Fact]
    public void The_range_method_reaches_as_far_as_it_was_asked_to()
    {
        // The outermost bins end at the least and the greatest value: here their middles are −1 and 1, mean 0 and deviation 1.
        var statistics = TensorStatistics.Of([-1, 1, -1, 1, -1, 1, 1, -1]);
        var (min, max) = RangeMethod.Parse("sigma(0.5)").Choose(statistics, QuantizedType.QUInt8, symmetric: false);
        Assert.Equal((-0.5f, 0.5f), (min, max));
        Assert.Equal((-1f, 1f), Ends(RangeMethod.Parse("sigma").Choose(statistics, QuantizedType.QUInt8, symmetric: false)));
        var observer = ObserverSpec.Statistics(RangeMethod.Parse("sigma(0.5)")).Create();
        observer.Observe(Tensor.Vector([-1, 1, -1, 1, -1, 1, 1, -1f]));
        Assert.Equal(ParametersOf(-0.5f, 0.5f), observer.CalculateQParams());

        static (float, float) Ends(RealRange range) => (range.Min, range.Max);
    }

    [Fact]
    public void Both_survive_the_JSON_of_a_qconfig()
    {
        var qconfig = new QConfig(new MeanMinMaxSpec { ReduceRange = true }, QConfig.Default.Weight);
        QConfigMapping mapping = new QConfigMapping(qconfig)
            .SetName("fc", qconfig with { Activation = ObserverSpec.Statistics(RangeMethod.Parse("sigma(2.5)")) });
        var json = mapping.ToJson();
        Assert.Contains("\"MeanMinMaxObserver\"", json, StringComparison.Ordinal);
        Assert.Contains("\"sigma(2.5)\"", json, StringComparison.Ordinal);
        var read = QConfigMapping.FromJson(json);
        Assert.Equal(qconfig, read.Global);
        Assert.Equal(mapping.Names["fc"], read.Names["fc"]);
        Assert.Equal("MeanMinMaxObserver(reduce_range=True)", read.Global!.Activation.ToString());
    }

    [Fact]
    public void A_name_is_given_once()
    {
        ObserverSpec.Register(new MeanMinMaxSpec());
        Assert.Single(ObserverSpec.Known, s => s.Name == nameof(MeanMinMaxObserver));
        Assert.Contains("already", Assert.Throws<CaliperException>(() => ObserverSpec.Register(new Impostor("MinMaxObserver"))).Message);
        Assert.Contains("cannot be a name", Assert.Throws<CaliperException>(() => ObserverSpec.Register(new Impostor("a b"))).Message);
        Parallel.For(0, 100, i => ObserverSpec.Register(new Impostor($"Impostor{i % 10}")));
        Assert.Equal(10, ObserverSpec.Known.OfType<Impostor>().Count());
    }

    [Fact]
    public void Each_takes_thirty_lines()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Root(), "samples", "OwnObserver"), "*.cs"))
            Assert.InRange(File.ReadAllLines(file).Length, 1, 30);

        static string Root([System.Runtime.CompilerServices.CallerFilePath] string file = "") =>
            Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", ".."));
    }

    private static QuantizationParameters ParametersOf(float min, float max)
    {
        var observer = new MinMaxObserver();
        observer.Observe(Tensor.Vector([min, max]));
        return observer.CalculateQParams();
    }

    private sealed record Impostor(string Called) : ObserverSpec
    {
        public override string Name => Called;

        protected override Observer CreateObserver() => new MinMaxObserver();
    }
}
