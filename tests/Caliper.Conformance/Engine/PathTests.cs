using CsCheck;
using Caliper.Assembly;
using Caliper.Graphs;
using Caliper.Kernels.Convolution;

namespace Caliper.Conformance.Engine;

/// <summary>The same bits, whoever computes them.</summary>
public class PathTests
{
    [Fact]
    public void Every_kernel_set_number_of_threads_and_batch_gives_the_same_bits() => RandomNetworks.Any.Sample(c =>
    {
        var feeds = Comparison.Feeds(c.Model, c.Seed, batch: 3);
        var expected = Comparison.Run(c.Model, feeds, new Int8SessionOptions { Kernels = KernelSet.Portable, Batch = 3 });
        foreach (var kernels in Enum.GetValues<KernelSet>())
        {
            var threads = 1 + (c.Seed + (int)kernels) % 3;
            AssertSame(expected, Comparison.Run(c.Model, feeds, new Int8SessionOptions { Kernels = kernels, Batch = 3, Threads = threads }));
        }
        for (var sample = 0; sample < 3; sample++)
        {
            var single = feeds.ToDictionary(f => f.Key, f => SampleOf(f.Value, sample));
            AssertSame(expected.ToDictionary(e => e.Key, e => SampleOf(e.Value, sample)), Comparison.Run(c.Model, single));
        }
    }, iter: 40);

    [Fact]
    public void Nothing_beside_a_tensor_is_touched() => RandomNetworks.Any.Sample(c =>
    {
        var feeds = Comparison.Feeds(c.Model, c.Seed, batch: 2);
        var expected = Comparison.Run(c.Model, feeds, new Int8SessionOptions { Batch = 2 });
        foreach (var kernels in Enum.GetValues<KernelSet>())
        {
            foreach (var guard in new[] { MemoryGuard.After, MemoryGuard.Before })
            {
                var options = new Int8SessionOptions { Batch = 2, Kernels = kernels, Guard = guard, Threads = 1 + c.Seed % 2 };
                AssertSame(expected, Comparison.Run(c.Model, feeds, options));
            }
        }
    }, iter: 25);

    [Fact]
    public void A_switch_turns_assembled_code_off()
    {
        var model = RandomNetworks.Build(7, 9, 4);
        using var without = Int8Session.FromModel(model, new Int8SessionOptions { AssembledCode = false });
        Assert.DoesNotContain(without.Describe().Steps, s => IsAssembled(s.Kernel));
        Assert.SkipUnless(AssembledCode.IsSupported, $"no assembled code here: {AssembledCode.WhyNot}");
        using var with = Int8Session.FromModel(model);
        Assert.Contains(with.Describe().Steps, s => IsAssembled(s.Kernel));

        static bool IsAssembled(string kernel) =>
            kernel.StartsWith("assembled", StringComparison.Ordinal) || kernel.StartsWith("amx", StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_that_the_machine_lacks_falls_back()
    {
        var missing = ConvolutionKernels.All.All.FirstOrDefault(e => e.WhyNot() is not null);
        Assert.SkipWhen(missing is null, "this machine has everything");
        var model = RandomNetworks.Build(8, 9, 4);
        using var session = Int8Session.FromModel(model, new Int8SessionOptions { Kernels = missing.Set });
        Assert.DoesNotContain(session.Describe().Steps, s => s.Kernel.StartsWith(missing.Name, StringComparison.Ordinal));
    }

    private static void AssertSame(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        foreach (var (name, tensor) in expected) Comparison.AssertSame(tensor, actual[name]);
    }

    private static Tensor SampleOf(Tensor tensor, int index)
    {
        var bytes = tensor.Bytes.Length / (int)tensor.Shape[0].Length;
        return new Tensor(tensor.Type, tensor.Shape.With(0, 1), tensor.Bytes.Slice(index * bytes, bytes));
    }
}
