using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Testing;

namespace Caliper.Conformance.Engine;

/// <summary>What a caller of <see cref="Int8Session"/> relies on.</summary>
public class SessionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_run_allocates_nothing(int threads)
    {
        var b = new QdqBuilder(1);
        var model = b.Build(asFloats: true,
            b.Conv(b.Apply("Add", 5, [b.Conv(b.Input(1, 3, 30, 30), 3, 40, 3, 1, 1), b.Bytes(1, 40, 1, 1)]), 40, 7, 3));
        using var session = Int8Session.FromModel(model, new Int8SessionOptions { Threads = threads });
        var (input, output) = (new float[2700], new float[session.Outputs[0].Shape!.Value.ElementCount]);
        session.Warmup();
        session.Run(input, output);
        Assert.Equal(0, Allocation.FewestBytes(() => { for (var run = 0; run < 20; run++) session.Run(input, output); }));
    }

    [Fact]
    public void Many_threads_share_one_session()
    {
        var model = RandomNetworks.Build(3, 12, 6);
        using var session = Int8Session.FromModel(model, new Int8SessionOptions { Threads = 2 });
        var feeds = Enumerable.Range(0, 8).Select(seed => Comparison.Feeds(model, seed)).ToArray();
        var expected = feeds.Select(f => session.Run(f)).ToArray();
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            foreach (var (name, tensor) in session.Run(feeds[i % 8])) Comparison.AssertSame(expected[i % 8][name], tensor);
        });
    }

    [Fact]
    public void Nothing_is_touched_beyond_what_the_caller_passed()
    {
        for (var size = 1; size <= 130; size++)
        {
            var b = new QdqBuilder(size);
            var x = b.Input(1, size);
            var model = b.Build(asFloats: true, b.Apply("Add", 5, [b.Apply("Sigmoid", 1, [x]), x]));
            using var session = Int8Session.FromModel(model);
            using var input = GuardedMemory<float>.Of(new float[size]);
            using var output = new GuardedMemory<float>(size);
            session.Run(input.Span, output.Span);
        }
    }

    [Fact]
    public void Images_of_every_width_are_read_to_their_last_float_and_no_further()
    {
        for (var width = 1; width <= 130; width++)
        {
            var b = new QdqBuilder(width);
            var model = b.Build(asFloats: true, b.Conv(b.Input(1, 1 + width % 4, 3, width), 1 + width % 4, 1 + width % 9, 3, 1, 1));
            using var session = Int8Session.FromModel(model);
            using var input = GuardedMemory<float>.Of(new float[(1 + width % 4) * 3 * width]);
            using var output = new GuardedMemory<float>((int)session.Outputs[0].Shape!.Value.ElementCount);
            session.Run(input.Span, output.Span);
        }
    }

    [Fact]
    public void A_free_axis_besides_the_batch_is_an_error_that_names_the_input()
    {
        var b = new QdqBuilder(1);
        var model = b.Build(asFloats: true, b.Conv(b.Input(-1, 3, -1, -1), 3, 4, 3));
        Assert.Contains("input_0", Assert.Throws<CaliperException>(() => Int8Session.FromModel(model)).Message, StringComparison.Ordinal);
        using var session = Int8Session.FromModel(model, new Int8SessionOptions
        {
            InputShapes = ImmutableDictionary<string, Shape>.Empty.Add("input_0", Shape.Of(2, 3, 9, 8)),
        });
        Assert.Equal(Shape.Of(2, 4, 7, 6), session.Outputs[0].Shape);
    }

    [Fact]
    public void An_operator_that_the_engine_does_not_know_is_named_with_the_way_out()
    {
        var b = new QdqBuilder(1);
        var model = b.Build(asFloats: true, b.Apply("LpNormalization", 1, [b.Input(1, 8)]));
        var message = Assert.Throws<CaliperException>(() => Int8Session.FromModel(model)).Message;
        Assert.Contains("LpNormalization", message, StringComparison.Ordinal);
        Assert.Contains("onnxruntime", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_fed_must_fit()
    {
        var b = new QdqBuilder(1);
        using var session = Int8Session.FromModel(b.Build(asFloats: true, b.Gemm(b.Input(1, 8), 8, 4)));
        Assert.Throws<ArgumentException>(() => session.Run(new float[7], new float[4]));
        Assert.Throws<ArgumentException>(() => session.Run(new byte[8], new float[4]));
        Assert.Throws<CaliperException>(() => session.Run(new Dictionary<string, Tensor>()));
        Assert.Throws<CaliperException>(() => session.Run(new Dictionary<string, Tensor> { ["input_0"] = Tensor.Vector(1f) }));
    }

    [Fact]
    public void The_description_tells_work_and_memory()
    {
        var b = new QdqBuilder(1);
        using var session = Int8Session.FromModel(b.Build(asFloats: true, b.Conv(b.Input(1, 16, 10, 10), 16, 32, 3, 1, 1)));
        var description = session.Describe();
        Assert.Equal(16 * 32 * 9 * 100, description.MultiplyAdds);
        // At most: by AVX2 alone sixteen words stand for the nine weights of a window; and biases.
        Assert.InRange(description.WeightBytes, 16 * 32 * 9, 16 * 32 * 16 * sizeof(short) + 2 * 32 * sizeof(int));
        var text = description.ToString();
        // Winograd's tiles, transformed, take more than the network's tensors.
        Assert.InRange(description.ArenaBytes, 16 * 144 + 32 * 100, text.Contains("winograd", StringComparison.Ordinal) ? 80_000 : 30_000);
        Assert.Contains("conv 3x3", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_bytes_may_stand_for_other_numbers_elsewhere()
    {
        Node Dequantized(string scale, string zero, string to) => new("to_" + to, "DequantizeLinear", ["bytes", scale, zero], [to]);
        var constants = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, Tensor>
        {
            ["small"] = Tensor.Scalar(0.5f),
            ["large"] = Tensor.Scalar(4f),
            ["zero"] = Tensor.Scalar((byte)0),
            ["ten"] = Tensor.Scalar((byte)10),
        });
        var graph = new Graph("two", [new Value("bytes", ElementType.UInt8, Shape.Of(1, 3))],
            [.. new[] { "a", "b", "c" }.Select(o => new Value(o, ElementType.Float32, Shape.Of(1, 3)))],
            [Dequantized("small", "zero", "a"), Dequantized("large", "zero", "b"), Dequantized("small", "ten", "c")], constants);
        var model = new Model(graph, ImmutableSortedDictionary<string, long>.Empty.Add("", 13)) { IrVersion = 7 };
        var outputs = Comparison.Run(model, new() { ["bytes"] = Tensor.Of(Shape.Of(1, 3), new byte[] { 0, 10, 20 }) });
        Assert.Equal([0f, 5, 10], outputs["a"].Span<float>().ToArray());
        Assert.Equal([0f, 40, 80], outputs["b"].Span<float>().ToArray());
        Assert.Equal([-5f, 0, 5], outputs["c"].Span<float>().ToArray());
    }
}
