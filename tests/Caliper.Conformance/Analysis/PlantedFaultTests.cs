using Caliper.Analysis;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Graphs;
using Caliper.Imaging;
using Caliper.Observers;
using Caliper.Testing;

namespace Caliper.Conformance.Analysis;

/// <summary>A fault that is put into a healthy int8 ResNet-20 is what the verdict names first, with its kind, and its fix mends it.</summary>
public sealed class PlantedFaultTests(ITestOutputHelper output)
{
    private const string Layer = "layer2.1.conv1";

    // Of the noise that the fault adds.
    private const double Recovered = 0.8;

    private readonly string _images = SharedFolder.Path("data", "cifar10", "calibration");

    [Theory]
    [InlineData(8f, ErrorKind.WideRange)]
    [InlineData(0.5f, ErrorKind.Clipping)]
    public void A_range_of_the_wrong_width(float width, ErrorKind kind)
    {
        using var model = FloatModel.Load(SharedFolder.Path("models", "resnet20.onnx"));
        using var fused = model.Fuse();
        using var healthy = Quantize(fused, QConfig.Default, out var prepared);
        var scale = prepared.Observers.Single(o => o.Site.Name == Layer).Observer.CalculateQParams().Scale;
        var faulty = new QConfigMapping(QConfig.Default)
            .SetName(Layer, QConfig.Default with { Activation = ObserverSpec.FixedQParams(scale * width, 0) });
        prepared.Dispose();
        using var broken = Quantize(fused, faulty, out var observed);
        observed.Dispose();

        var finding = FirstFinding(fused, broken, Images());
        Assert.Equal((Layer, kind), (finding.Layer, finding.Kind));
        Assert.Equal(new Fix(FixKind.Recalibrate, [Layer]), finding.Fix);

        var mended = QConfigMapping.FromJson($$"""{ "global": "caliper", "name": { "{{Layer}}": "caliper" } }""");
        using var repaired = Quantize(fused, mended, out observed);
        observed.Dispose();
        AssertRecovered(Noise(fused, healthy, Images()), Noise(fused, broken, Images()), Noise(fused, repaired, Images()), finding);
    }

    [Fact]
    public void A_channel_of_weights_a_hundred_times_as_great_as_the_others()
    {
        const string Scaled = "layer1.0.conv1", Next = "layer1.0.conv2";
        using var model = WithScaledChannel(Scaled, Next, channel: 3, factor: 100);
        using var fused = model.Fuse();
        // What follows stays float, so that the fault is in the weights alone.
        var perChannel = new QConfigMapping(QConfig.Default).SetName(Next, null);
        using var healthy = Quantize(fused, perChannel, out var observed);
        observed.Dispose();
        using var broken = Quantize(fused, perChannel.SetName(Scaled, QConfig.Default with { Weight = QConfig.PyTorchDefault.Weight }), out observed);
        observed.Dispose();

        var finding = FirstFinding(fused, broken, Images());
        Assert.Equal((Scaled, ErrorKind.OutlierChannel), (finding.Layer, finding.Kind));
        Assert.StartsWith("Channel 3 ", finding.Message, StringComparison.Ordinal);

        using var repaired = Quantize(fused, perChannel.SetName(Scaled, QConfig.Default), out observed);
        observed.Dispose();
        AssertRecovered(Noise(fused, healthy, Images()), Noise(fused, broken, Images()), Noise(fused, repaired, Images()), finding);
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(0.5f, 0.05f)]
    public void Another_mean_and_deviation_than_at_calibration(float mean, float std)
    {
        using var model = FloatModel.Load(SharedFolder.Path("models", "resnet20.onnx"));
        using var fused = model.Fuse();
        using var int8 = Quantize(fused, QConfig.Default, out var observed);
        observed.Dispose();
        var wrong = DataSource.Open(_images, Preprocessing.Cifar10 with { Mean = [mean], Std = [std] }, batchSize: 16);
        var finding = FirstFinding(fused, int8, wrong);
        Assert.Equal(("input", ErrorKind.Input), (finding.Layer, finding.Kind));

        // The fix, applied either way: data as at calibration, or calibration with data like this.
        AssertRecovered(Noise(fused, int8, Images()), Noise(fused, int8, wrong), Noise(fused, int8, Images()), finding);
        using var prepared = fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, null, wrong, evalBatches: 8);
        using var repaired = prepared.Convert();
        AssertRecovered(Noise(fused, int8, Images()), Noise(fused, int8, wrong), Noise(fused, repaired, wrong), finding);
    }

    private ILoader Images() => DataSource.Open(_images, Preprocessing.Cifar10, batchSize: 16);

    private Finding FirstFinding(FusedModel reference, QuantizedModel candidate, IEnumerable<Batch> data)
    {
        var report = LayerComparison.Compare(reference, candidate, data,
            new LayerComparisonOptions { Batches = 2, SensitivitySamples = 8, Criterion = new CrossEntropyLoss() });
        foreach (var finding in report.Findings)
            output.WriteLine($"{finding.Layer}: {finding.Kind}, {finding.NoiseShare:P0}. "
                + $"{finding.Message} {finding.Fix} {finding.DecibelsNow:F1} -> {finding.DecibelsMended:F1} dB");
        return report.Findings[0];
    }

    private void AssertRecovered(double before, double now, double after, Finding finding)
    {
        output.WriteLine($"noise over signal: healthy {before:E2}, broken {now:E2}, repaired {after:E2}: "
            + $"{(now - after) / (now - before):P0} recovered");
        Assert.True(now > 1.1 * before);
        Assert.InRange((now - after) / (now - before), Recovered, double.PositiveInfinity);
        Assert.True(finding.DecibelsMended > finding.DecibelsNow);
    }

    private static double Noise(FusedModel reference, QuantizedModel model, IEnumerable<Batch> data) =>
        Math.Pow(10, -ModelComparison.Compare(reference, model, null, data, 4).Sqnr[0].Decibels / 10);

    private QuantizedModel Quantize(FusedModel fused, QConfigMapping qconfig, out PreparedModel prepared)
    {
        prepared = fused.Prepare(qconfig);
        Evaluator.Evaluate(prepared, null, Images(), evalBatches: 8);
        return prepared.Convert();
    }

    /// <summary>The same function, with one channel of a layer scaled up and what reads it scaled down.</summary>
    private static FloatModel WithScaledChannel(string scaled, string next, int channel, float factor)
    {
        using var model = FloatModel.Load(SharedFolder.Path("models", "resnet20.onnx"));
        using var fused = model.Fuse();
        var graph = fused.Model.Graph;
        var (first, second) = (fused.Layers.Single(l => l.Name == scaled).Operation, fused.Layers.Single(l => l.Name == next).Operation);
        var initializers = graph.Initializers
            .SetItem(first.Inputs[1], Scale(first.Inputs[1], 0, factor))
            .SetItem(first.Inputs[2], Scale(first.Inputs[2], 0, factor))
            .SetItem(second.Inputs[1], Scale(second.Inputs[1], 1, 1 / factor));
        return new FloatModel(fused.Model with { Graph = graph.With(initializers: initializers) });

        Tensor Scale(string name, int axis, float by)
        {
            var tensor = graph.Constant(name)!;
            var values = tensor.Span<float>().ToArray();
            var inner = tensor.Shape.Dimensions.Skip(axis + 1).Aggregate(1, (product, d) => product * (int)d.Length);
            for (var i = 0; i < values.Length; i++) if (i / inner % tensor.Shape[axis].Length == channel) values[i] *= by;
            return Tensor.Of(tensor.Shape, values);
        }
    }
}
