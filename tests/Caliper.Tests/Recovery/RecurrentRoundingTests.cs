using System.Collections.Immutable;
using Caliper.Conversion;
using Caliper.Graphs;
using Caliper.Recovery;

namespace Caliper.Tests.Recovery;

public class RecurrentRoundingTests
{
    private const int Steps = 9, Inputs = 24, Hidden = 16;

    [Theory]
    [InlineData("LSTM", 4, "forward")]
    [InlineData("LSTM", 4, "bidirectional")]
    [InlineData("GRU", 3, "bidirectional")]
    [InlineData("RNN", 1, "reverse")]
    public void Recurrent_layers_come_closer_to_their_float_selves(string operation, int gates, string direction)
    {
        using var model = Network(operation, gates, direction, n => operation == "GRU" ? n.With("linear_before_reset", 1) : n);
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var samples = Samples();
        foreach (var sample in samples) prepared.Run(sample);
        var moments = SecondMoments.Collect(fused, prepared.Plan, samples[..64]);
        var layer = prepared.Plan.Layers.Single(l => l.Layer.OpType == operation).Layer;
        Assert.Equal((Inputs, Hidden), (moments.Of(layer)!.Taps, moments.Of(layer, 2)!.Taps));
        Assert.Equal(direction == "bidirectional" ? 2 : 1, moments.Of(layer, 2)!.Groups);
        var (nearest, rounded) = (NoiseOf(null), NoiseOf(moments));
        Assert.True(rounded < 0.8 * nearest, $"{rounded} is not below {nearest}");

        double NoiseOf(SecondMoments? known)
        {
            using var converted = prepared.Convert(new ConvertOptions { Moments = known });
            return samples[64..].Sum(s => fused.Run(s)["y"].Span<float>().ToArray().Zip(converted.Run(s)["y"].Span<float>().ToArray())
                .Sum(p => Math.Pow(p.First - p.Second, 2)));
        }
    }

    [Fact]
    public void Weights_that_read_a_state_after_its_reset_are_rounded_to_nearest()
    {
        using var model = Network("GRU", 3, "forward", n => n);
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var samples = Samples();
        foreach (var sample in samples) prepared.Run(sample);
        var moments = SecondMoments.Collect(fused, prepared.Plan, samples);
        Assert.Null(moments.Of(prepared.Plan.Layers.Single(l => l.Layer.OpType == "GRU").Layer, 2));
        using var nearest = prepared.Convert();
        using var rounded = prepared.Convert(new ConvertOptions { Moments = moments });
        Assert.NotEqual(IntegersOf(nearest, "w"), IntegersOf(rounded, "w"));
        Assert.Equal(IntegersOf(nearest, "r"), IntegersOf(rounded, "r"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void States_of_both_directions_lie_apart_whatever_the_layout(int layout)
    {
        // Two steps, two directions, a batch of three, states of two numbers: ten for a direction, one for a step, a tenth for the batch.
        var graph = new Graph("g", [new("x", ElementType.Float32, null)], [new("y", ElementType.Float32, null)],
            [new Node("n", "LSTM", ["x", "w", "r"], ["y"]).With("layout", layout)],
            ImmutableSortedDictionary<string, Tensor>.Empty.Add("w", Tensor.Of(Shape.Of(2, 8, 5), new float[80]))
                .Add("r", Tensor.Of(Shape.Of(2, 8, 2), new float[32])));
        var states = layout == 0 ? from step in Two from direction in Two from sample in Three from _ in Two select Number(direction, step, sample)
            : from sample in Three from step in Two from direction in Two from _ in Two select Number(direction, step, sample);
        var source = StatePatches.Of(graph, graph.Nodes[0])!;
        var patches = source.Of(_ => Tensor.Of(layout == 0 ? Shape.Of(2, 2, 3, 2) : Shape.Of(3, 2, 2, 2), [.. states]));
        Assert.Equal((6, 2, 2), (patches.Count, source.Groups, source.Taps));
        foreach (var direction in Two)
        {
            var seen = new float[6, 2];
            for (var row = 0; row < 6; row++)
            {
                var patch = new float[2];
                patches.Read(direction, row, patch);
                (seen[row, 0], seen[row, 1]) = (patch[0], patch[1]);
            }
            var expected = from step in Two from sample in Three from _ in Two select Number(direction, step, sample);
            Assert.Equal(expected.Order(), seen.Cast<float>().Order());
        }
        Assert.Equal(0, source.Of(_ => Tensor.Of(Shape.Of(2, 2, 3), new float[12])).Count);
    }

    private static readonly int[] Two = [0, 1], Three = [0, 1, 2];

    private static float Number(int direction, int step, int sample) => 10 * direction + step + sample / 10f;

    private static byte[] IntegersOf(QuantizedModel model, string weights) =>
        model.Model.Graph.Constant(weights + "_quantized")!.Bytes.ToArray();

    private static FloatModel Network(string operation, int gates, string direction, Func<Node, Node> attributes)
    {
        var directions = direction == "bidirectional" ? 2 : 1;
        return new TestModel(5).Input("x", -1, -1, Inputs).Weights("w", 0.4f, directions, gates * Hidden, Inputs)
            .Weights("r", 0.3f, directions, gates * Hidden, Hidden).Weights("b", 0.2f, directions, 2 * gates * Hidden)
            .Node(operation, "x w r b", "y", n => attributes(n.With("hidden_size", Hidden).With("direction", direction))).Output("y").Build();
    }

    /// <summary>Steps whose elements resemble their neighbours, as those of a spectrum do.</summary>
    private static Dictionary<string, Tensor>[] Samples()
    {
        var random = new TestModel(8);
        return [.. Enumerable.Range(0, 80).Select(_ =>
        {
            var values = random.RandomTensor(Shape.Of(Steps, 1, Inputs), 1).Span<float>().ToArray();
            for (var i = 1; i < values.Length; i++) values[i] += 0.9f * values[i - 1] + 0.05f;
            return new Dictionary<string, Tensor> { ["x"] = Tensor.Of(Shape.Of(Steps, 1, Inputs), values) };
        })];
    }
}
