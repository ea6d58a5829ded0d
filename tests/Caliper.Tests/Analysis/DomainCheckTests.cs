using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Graphs;

namespace Caliper.Tests.Analysis;

public sealed class DomainCheckTests
{
    private const int Count = 64;

    [Fact]
    public void Brighter_images_are_told_by_the_inputs_name()
    {
        var report = Check(Uniform(1, 1), Uniform(2, 1.5f));
        Assert.False(report.IsInside);
        var input = report.Outside[0];
        Assert.Equal(("x", true), (input.Value, input.IsInput));
        // A third of what is spread evenly from 0 to 1.5 lies beyond 1.
        Assert.InRange(input.Share, 0.30, 0.36);
        Assert.InRange(input.CalibrationShare!.Value, 0, 0.01);
        Assert.StartsWith($"These {Count} samples leave the calibrated ranges in ", report.Tell(), StringComparison.Ordinal);
        Assert.Contains("places: input 'x': 3", report.Tell(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_samples_of_the_same_kind_raise_no_alarm()
    {
        foreach (var draw in new[] { Uniform, Normal, HeavyTailed })
            for (var seed = 1; seed <= 6; seed++)
            {
                var report = Check(draw(seed, 1), draw(100 + seed, 1));
                Assert.True(report.IsInside, $"{draw.Method.Name} {seed}: {report.Tell()}");
                Assert.Null(report.Tell());
            }
    }

    /// <summary>A percentile clips on purpose, new data as old; the same share is no news.</summary>
    [Fact]
    public void What_was_clipped_at_calibration_may_be_clipped_again()
    {
        var clipping = QConfig.Default with
        {
            Activation = Caliper.Observers.ObserverSpec.Statistics(Caliper.Ranges.RangeMethod.Parse("percentile(99)")),
        };
        Assert.True(Check(Normal(1, 1), Normal(2, 1), clipping).IsInside);
        Assert.False(Check(Normal(1, 1), Normal(2, 3), clipping).IsInside);
    }

    [Fact]
    public void One_odd_sample_raises_no_alarm()
    {
        var odd = Normal(2, 1);
        var values = odd.Inputs[""].Span<float>().ToArray();
        for (var i = 0; i < values.Length / Count; i++) values[i] *= 50;
        var report = Check(Normal(1, 1), Batch.Of(Tensor.Of(odd.Inputs[""].Shape, values)));
        Assert.True(report.IsInside, report.Tell());
        Assert.True(report.Sites[0].Max > 50);
    }

    [Fact]
    public void Without_statistics_only_what_is_far_out_is_told()
    {
        Assert.True(Check(Normal(1, 1), Normal(2, 1.2f), isKnown: false).IsInside);
        var far = Check(Normal(1, 1), Normal(2, 4), isKnown: false);
        Assert.Equal("x", far.Outside[0].Value);
        Assert.Null(far.Outside[0].CalibrationShare);
        Assert.Contains("calibration is not known", far.Tell(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_few_samples_nothing_is_said() =>
        Assert.True(Check(Uniform(1, 1), Batch.Of(Execution.Batches.Slice(Uniform(2, 1.5f).Inputs[""], 0, 8))).IsInside);

    /// <summary>What the network computes in float has no range to leave, and would only take memory.</summary>
    [Fact]
    public void Only_values_that_are_int8_are_looked_at()
    {
        var backend = new CountingBackend();
        using var model = new FloatModel(new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("c0", "x", 3, 4).ConvBlock("c1", "c0.relu", 4, 4)
            .ConvBlock("c2", "c1.relu", 4, 4).ConvBlock("c3", "c2.relu", 4, 4).Output("c3.relu").Build().Model, new() { Backend = backend });
        using var fused = model.Fuse();
        var mapping = ((QConfigMapping)QConfig.Default).SetNameGlob("c2*", null).SetNameGlob("c3*", null);
        using var int8 = Int8(fused, Uniform(1, 1), mapping);
        Assert.True(DomainCheck.Check(fused, int8, [Uniform(2, 1)]).IsInside);
        var asked = backend.Planned[^1].Graph.Outputs.Select(o => o.Name).ToArray();
        Assert.Contains("c0.relu", asked);
        Assert.DoesNotContain("c2.relu", asked);
        Assert.Equal(0, backend.Open);
    }

    [Fact]
    public void Statistics_of_another_network_are_refused()
    {
        using var fused = Network(1);
        using var other = Network(2);
        using var calibrator = new Calibrator(other);
        calibrator.Observe([Uniform(1, 1)]);
        using var int8 = Int8(fused, Uniform(1, 1), QConfig.Default);
        Assert.Contains("of another model", Assert.Throws<CaliperException>(
            () => DomainCheck.Check(fused, int8, [Uniform(1, 1)], calibrator.Statistics)).Message, StringComparison.Ordinal);
    }

    private static DomainReport Check(Batch calibrating, Batch test, QConfig? qconfig = null, bool isKnown = true)
    {
        using var fused = Network(1);
        using var calibrator = new Calibrator(fused);
        calibrator.Observe([calibrating]);
        using var int8 = Int8(fused, calibrating, qconfig ?? QConfig.Default);
        return DomainCheck.Check(fused, int8, [test], isKnown ? calibrator.Statistics : null);
    }

    private static QuantizedModel Int8(FusedModel fused, Batch data, QConfigMapping qconfig)
    {
        using var prepared = fused.Prepare(qconfig);
        Evaluator.Evaluate(prepared, null, [data]);
        return prepared.Convert();
    }

    private static FusedModel Network(int seed)
    {
        var model = new TestModel(seed).Input("x", -1, 3, 8, 8).ConvBlock("c0", "x", 3, 4).ConvBlock("c1", "c0.relu", 4, 4)
            .Node("GlobalAveragePool", "c1.relu", "mean").Node("Flatten", "mean", "y").Output("y");
        return new FloatModel(model.Build().Model).Fuse();
    }

    private static Batch Uniform(int seed, float scale) => Of(seed, random => scale * random.NextSingle());

    private static Batch Normal(int seed, float scale) => Of(seed, random => scale * Gauss(random));

    /// <summary>Student's t of three degrees of freedom: now and then a value is far out.</summary>
    private static Batch HeavyTailed(int seed, float scale) => Of(seed, random =>
        scale * Gauss(random) / MathF.Sqrt((Square(Gauss(random)) + Square(Gauss(random)) + Square(Gauss(random))) / 3));

    private static float Gauss(Random random) =>
        MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());

    private static float Square(float value) => value * value;

    private static Batch Of(int seed, Func<Random, float> draw)
    {
        var random = new Random(seed);
        var values = new float[Count * 3 * 8 * 8];
        for (var i = 0; i < values.Length; i++) values[i] = draw(random);
        return Batch.Of(Tensor.Of(Shape.Of(Count, 3, 8, 8), values));
    }
}
