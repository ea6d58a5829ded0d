using Caliper.Analysis;
using Caliper.Conversion;
using Caliper.Data;
using Caliper.Evaluation;

namespace Caliper.Tests;

/// <summary>Keeping a layer float keeps that layer float, and what the verdict says of it is what it does.</summary>
public sealed class ExclusionTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData("b", "b")]
    [InlineData("sum", "sum")]
    [InlineData("a b", "a b")]
    // What adds for one that is float does so in float.
    [InlineData("b pool", "b sum pool")]
    // Between two that are excluded nothing is rounded.
    [InlineData("sum c", "sum pool c")]
    // What moves sums for one that is float moves floats.
    [InlineData("c", "sum pool c")]
    public void No_other_layer_is_float_but_what_lies_between_excluded_ones(string excluded, string floats)
    {
        using var prepared = Residual().Fuse().Prepare(Mapping(excluded));
        Assert.Equal(floats, string.Join(' ', prepared.Plan.Layers.Where(l => !l.IsInteger).Select(l => l.Layer.Name)));
    }

    [Theory]
    [InlineData(QuantizedFormat.Qdq)]
    [InlineData(QuantizedFormat.QOperator)]
    public void What_only_excluded_layers_read_is_not_rounded_for_them(QuantizedFormat format)
    {
        using var fused = Residual().Fuse();
        using var prepared = fused.Prepare(Mapping("sum"));
        Assert.True(prepared.Plan.Layers.Single(l => l.Layer.Name == "b").GivesFloat);
        Evaluator.Evaluate(prepared, null, Data());
        using var int8 = prepared.Convert(new ConvertOptions { Format = format });
        Assert.DoesNotContain(int8.Model.Graph.Nodes, n => n.Is("QuantizeLinear") && n.Inputs[0] is "b.bn" or "b");
        Assert.InRange(ModelComparison.Compare(fused, int8, null, Data()).Sqnr[0].Decibels, 25, 200);
        // PyTorch's qconfigs round what an int8 layer makes, whoever reads it.
        using var pytorch = fused.Prepare(Mapping("sum", QConfig.PyTorchDefault));
        Assert.DoesNotContain(pytorch.Plan.Layers, l => l.GivesFloat && l.Layer.Name == "b");
    }

    [Fact]
    public void What_a_finding_promises_is_what_its_exclusion_gives()
    {
        using var fused = Residual().Fuse();
        using var int8 = Int8(fused, "");
        var report = LayerComparison.Compare(fused, int8, Data(), new LayerComparisonOptions { MeasuresTime = true });
        var findings = report.Findings.Where(f => f.Fix.Kind is FixKind.KeepFloat).ToArray();
        Assert.NotEmpty(findings);
        foreach (var finding in findings)
        {
            using var mended = Int8(fused, string.Join(' ', finding.Fix.Layers));
            var applied = ModelComparison.Compare(fused, mended, null, Data()).Sqnr[0].Decibels;
            Assert.InRange(applied, finding.DecibelsMended - 0.5, finding.DecibelsMended + 0.5);
            Assert.InRange(finding.TimeRatio!.Value, 0.01, 100);
        }
    }

    private static QConfigMapping Mapping(string excluded, QConfig? qconfig = null) => excluded.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate(new QConfigMapping(qconfig ?? QConfig.Default), (all, name) => all.SetName(name, null));

    private static QuantizedModel Int8(FusedModel fused, string excluded)
    {
        using var prepared = fused.Prepare(Mapping(excluded));
        Evaluator.Evaluate(prepared, null, Data());
        return prepared.Convert();
    }

    private static Batch[] Data() => [.. Enumerable.Range(0, 8).Select(i => Batch.Of(new TestModel(i).Input("x", -1, 3, 8, 8).Batch(1)[""]))];

    private static FloatModel Residual() => new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4)
        .ConvBlock("b", "a.relu", 4, 4, relu: false).Node("Add", "a.relu b.bn", "sum")
        .Node("MaxPool", "sum", "pool", n => n.With("kernel_shape", 2, 2))
        .ConvBlock("c", "pool", 4, 4, relu: false).Output("c.bn").Build();
}
