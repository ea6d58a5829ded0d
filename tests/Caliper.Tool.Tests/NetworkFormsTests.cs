using Caliper.Tool.Flows;
using Caliper.Tool.Measuring;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Tests;

public sealed class NetworkFormsTests
{
    [Fact]
    public void What_is_not_used_any_more_is_freed_with_what_calibrated_it()
    {
        using var sample = new Sample();
        using var fused = FloatModel.Load(sample.Model()).Fuse();
        PreparedModel[] all = [fused.Prepare(QConfig.Default), fused.Prepare(QConfig.Default), fused.Prepare(QConfig.Default)];
        SeenData[] seen = [.. all.Select((_, i) => new SeenData(new DataReport($"{i}", i, null), null, null))];
        using (var forms = new NetworkForms(all[0], seen[0]))
        {
            forms.Calibrate(all[1..], form => seen[Array.IndexOf(all, form)]);
            Assert.Same(seen[1], forms.Keep(all[1]));
            Assert.Equal([all[1]], forms.All);
            Assert.Same(seen[0].Data, forms.Data);
            Assert.Throws<KeyNotFoundException>(() => forms.SeenBy(all[0]));
            foreach (var other in new[] { all[0], all[2] }) Assert.Throws<ObjectDisposedException>(() => Run(other));
            Run(all[1]);
        }
        Assert.Throws<ObjectDisposedException>(() => Run(all[1]));
    }

    private static void Run(PreparedModel form) => form.Run(new Dictionary<string, Caliper.Graphs.Tensor>
    {
        ["input"] = Caliper.Graphs.Tensor.Of(Caliper.Graphs.Shape.Of(1, 3, Sample.Side, Sample.Side), new float[3 * Sample.Side * Sample.Side]),
    });
}
