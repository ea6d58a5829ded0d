using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Kernels;
using Caliper.Kernels.Convolution.Assembled;
using Caliper.Testing;

namespace Caliper.Conformance.Engine;

/// <summary>The plans of one model have their weights, tables and code together: what that saves must change no bit, and end somewhere.</summary>
public class SharedPlansTests
{
    [Theory]
    [MemberData(nameof(Sets))]
    public void A_plan_among_others_has_the_bits_of_a_plan_alone(KernelSet set)
    {
        foreach (var model in Models())
        {
            using var session = new CaliperBackend(set).Load(model, new ExecutionOptions { Threads = 1 });
            foreach (var length in new[] { 5, 17, 6, 40, 5 })
            {
                var feeds = Feeds(model, length);
                var options = new Int8SessionOptions { Kernels = set, InputShapes = feeds.ToImmutableDictionary(f => f.Key, f => f.Value.Shape) };
                var alone = Comparison.Run(model, feeds, options);
                using var result = session.Run(feeds);
                foreach (var (name, tensor) in alone) Comparison.AssertSame(tensor, result[name]);
            }
        }
    }

    [Fact]
    public void What_plans_have_together_does_not_grow_with_them()
    {
        foreach (var model in Models())
        {
            using var session = (CaliperSession)CaliperBackend.Instance.Load(model, new ExecutionOptions { Threads = 1 });
            // Every way to cut rows among the first, and after them nothing new.
            for (var length = 1; length <= 64; length++) session.Run(Feeds(model, length)).Dispose();
            var bytes = session.SharedBytes;
            for (var length = 65; length <= 160; length += 5) session.Run(Feeds(model, length)).Dispose();
            Assert.InRange(session.SharedBytes, 1, bytes);
        }
    }

    [Fact]
    public void Code_of_sizes_that_came_once_goes()
    {
        var b = new QdqBuilder(16);
        var x = b.Conv(b.Input(1, 32, 3, -1), 32, 64, 3, pad: 1);
        for (var layer = 0; layer < 5; layer++) x = b.Conv(x, 64, 64, 3, pad: 1);
        var model = b.Build(asFloats: true, x);
        using var shared = new KernelResources();
        for (var length = 20; length < 220; length++) Plan(model, length, shared).Dispose();
        foreach (var code in shared.Owned<ConvolutionFunctionCache>())
            Assert.InRange(code.ByteCount, ConvolutionFunctionCache.MostIdleBytes / 2, ConvolutionFunctionCache.MostIdleBytes);
    }

    [Fact]
    public void Depthwise_code_serves_all_sizes_with_the_same_rest()
    {
        var b = new QdqBuilder(17);
        var x = b.Conv(b.Input(1, 64, 9, -1), 64, 64, 5, pad: 2, groups: 64);
        var model = b.Build(asFloats: true, b.Conv(x, 64, 64, 7, stride: 2, pad: 3, groups: 64));
        using var shared = new KernelResources();
        Plan(model, 70, shared).Dispose();
        var bytes = shared.Owned<ConvolutionFunctionCache>().Sum(c => c.ByteCount);
        for (var length = 102; length < 400; length += 32) Plan(model, length, shared).Dispose();
        Assert.Equal(bytes, shared.Owned<ConvolutionFunctionCache>().Sum(c => c.ByteCount));
    }

    [Fact]
    public void A_further_plan_allocates_little()
    {
        const long MostBytesOfLayer = 40 * 1024;
        var b = new QdqBuilder(18);
        var x = b.Conv(b.Input(1, 16, 8, -1), 16, 32, 3, pad: 1, relu: true);
        const int Layers = 24;
        for (var layer = 1; layer < Layers; layer++) x = b.Conv(x, 32, 32, layer % 2 == 0 ? 3 : 1, pad: layer % 2 == 0 ? 1 : 0, relu: true);
        var model = b.Build(asFloats: true, x);
        using var shared = new KernelResources();
        var length = 30;
        for (; length < 40; length++) Plan(model, length, shared).Dispose();
        Assert.InRange(Allocation.FewestBytes(() => Plan(model, length++, shared).Dispose()), 1, Layers * MostBytesOfLayer);
    }

    private static Int8Session Plan(Model model, int length, KernelResources shared) => Int8Session.FromModel(model, new Int8SessionOptions
    {
        InputShapes = Feeds(model, length).ToImmutableDictionary(f => f.Key, f => f.Value.Shape),
        Model = shared,
    });

    public static TheoryData<KernelSet> Sets => [.. Enum.GetValues<KernelSet>()];

    private static IEnumerable<Model> Models()
    {
        var b = new QdqBuilder(11);
        var x = b.MatMul(b.MatMul(b.Input(1, -1, 64), 64, 192), 192, 64);
        yield return b.Build(asFloats: true, x);
        // Words, a float table that is read at places, and a transposed convolution whose weights are rearranged for each of its phases.
        b = new QdqBuilder(12) { Words = true };
        yield return b.Build(asFloats: true, b.MatMul(b.Input(1, -1, 64), 64, 96));
        b = new QdqBuilder(13);
        x = b.Conv(b.Input(1, 8, 9, -1), 8, 24, 3, pad: 1, relu: true);
        yield return b.Build(asFloats: true, b.Conv(x, 24, 24, 3, pad: 1, groups: 24));
        b = new QdqBuilder(14);
        yield return b.Build(asFloats: true, b.ConvTranspose(b.Input(1, 8, -1), [8, 6, 4], 6, 32, n => n.With("strides", [2L])));
        b = new QdqBuilder(15);
        var places = b.Whole(ElementType.Int64, 1, -1);
        yield return b.BuildFloat(b.Quantized(b.Float("Gather", [b.Floats(300, 32), places]), 3), "Relu");
    }

    private static Dictionary<string, Tensor> Feeds(Model model, int length)
    {
        var random = new Random(length);
        return model.Graph.Inputs.ToDictionary(i => i.Name, i =>
        {
            var shape = Shape.Of([.. i.Shape!.Value.Dimensions.Select(d => d.IsKnown ? d.Length : length)]);
            var count = (int)shape.ElementCount;
            return i.Type is ElementType.Int64 ? Tensor.Of(shape, Enumerable.Range(0, count).Select(_ => random.NextInt64(300)).ToArray())
                : Tensor.Of(shape, Enumerable.Range(0, count).Select(_ => random.NextSingle() * 4 - 2).ToArray());
        });
    }
}
