using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Conversion;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Search;

namespace Caliper.Tests.Search;

public class LocalNoiseTests
{
    /// <summary>What it says of a rounding is what rounding the float network's own tensor comes to.</summary>
    [Fact]
    public void It_is_the_noise_that_rounding_a_tensor_adds_to_it()
    {
        var network = new TestModel().Input("x", 1, 3, 70, 41).ConvBlock("a", "x", 3, 6).ConvBlock("b", "a.relu", 6, 4).Output("b.relu")
            .Output("a.relu");
        using var fused = network.Build().Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var batch = network.Batch(1);
        prepared.Run(batch);
        using var int8 = prepared.Convert(new ConvertOptions());
        var matched = Correspondence.Of(fused, int8.Model.Graph);
        using var switched = new SwitchedNetwork(fused, matched, [new KeptSample(batch, null)], null);

        var local = LocalNoise.Of(prepared, matched, switched, CancellationToken.None);

        Assert.Equal(switched.Sites.Length + matched.Weights.Length, local.Length);
        var floats = fused.Run(batch);
        Close(batch[""], "x");
        Close(floats["a.relu"], "a.relu");
        Close(floats["b.relu"], "b.relu");
        foreach (var (weight, index) in matched.Weights.Select((w, i) => (w, i)))
        {
            var real = fused.Model.Graph.Constant(weight.Initializer)!;
            Assert.Equal(Share(real, Quantizer.Dequantize(weight.Integers, weight.Parameters)), local[switched.Sites.Length + index], 1e-12);
        }

        void Close(Tensor real, string value)
        {
            var site = switched.Sites.Select((s, i) => (Site: s, Index: i)).Single(s => s.Site.Tensors.Any(t => t.Value == value));
            Assert.Equal(Share(real, Quantizer.FakeQuantize(real, site.Site.Parameters)), local[site.Index], 1e-9);
        }
    }

    private static double Share(Tensor real, Tensor rounded)
    {
        var (x, y) = (real.Span<float>().ToArray(), rounded.Span<float>().ToArray());
        return x.Zip(y, (a, b) => ((double)b - a) * ((double)b - a)).Sum() / x.Sum(a => (double)a * a);
    }
}
