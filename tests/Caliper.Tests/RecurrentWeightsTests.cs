using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Testing;

namespace Caliper.Tests;

public class RecurrentWeightsTests
{
    private const int Steps = 7, Inputs = 12, Hidden = 24;

    public static TheoryData<string, int, string> Networks => new()
    {
        { "LSTM", 4, "forward" }, { "LSTM", 4, "bidirectional" }, { "GRU", 3, "reverse" }, { "RNN", 1, "forward" },
    };

    [Theory, MemberData(nameof(Networks))]
    public void Weights_are_stored_in_int8_and_sums_stay_float(string operation, int gates, string direction)
    {
        using var model = Network(operation, gates, direction);
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        var plan = prepared.Plan.Layers.Single(l => l.Layer.OpType == operation);
        Assert.Equal((true, false, "int8-weights"), (plan.HasInt8Weights, plan.IsInteger, plan.Diagnostic?.Code));
        prepared.Run(Feed(3));
        using var quantized = prepared.Convert();
        var node = quantized.Model.Graph.Nodes.Single(n => n.OpType == operation);
        foreach (var weights in node.Inputs.Skip(1).Take(2))
        {
            var dequantize = quantized.Model.Graph.ProducerOf(weights)!;
            Assert.Equal(ElementType.Int8, quantized.Model.Graph.Constant(dequantize.Inputs[0])!.Type);
            Assert.Equal((gates * Hidden, 1L), (quantized.Model.Graph.Constant(dequantize.Inputs[1])!.Count, dequantize.Int("axis", -1)));
        }
    }

    [Theory, MemberData(nameof(Networks))]
    public void Engine_and_OnnxRuntime_read_the_same_weights(string operation, int gates, string direction)
    {
        using var model = Network(operation, gates, direction);
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        prepared.Run(Feed(3));
        using var quantized = prepared.Convert();
        using var elsewhere = new QuantizedModel(quantized.Model, [], new ExecutionOptions { Int8Backend = OnnxRuntimeBackend.Instance });
        using var engine = new QuantizedModel(quantized.Model, [], new ExecutionOptions { Int8Backend = new CaliperBackend() });
        var (floats, expected, actual) = (model.Run(Feed(5))["y"], elsewhere.Run(Feed(5))["y"], engine.Run(Feed(5))["y"]);
        foreach (var (e, a) in expected.Span<float>().ToArray().Zip(actual.Span<float>().ToArray())) Assert.InRange(a - e, -1e-5f, 1e-5f);
        Assert.True(Closeness.Decibels(floats, actual) > Tolerances.Int8Decibels);
    }

    [Fact]
    public void A_layer_that_is_excluded_keeps_its_weights()
    {
        using var model = Network("LSTM", 4, "forward");
        using var prepared = model.Fuse().Prepare(new QConfigMapping(QConfig.Default).SetOperatorType("LSTM", null));
        Assert.All(prepared.Plan.Layers, l => Assert.False(l.HasInt8Weights));
    }

    private static FloatModel Network(string operation, int gates, string direction)
    {
        var directions = direction == "bidirectional" ? 2 : 1;
        return new TestModel().Input("x", Steps, 1, Inputs).Weights("w", 0.4f, directions, gates * Hidden, Inputs)
            .Weights("r", 0.2f, directions, gates * Hidden, Hidden).Weights("b", 0.2f, directions, 2 * gates * Hidden)
            .Node(operation, "x w r b", "y", n => n.With("hidden_size", Hidden).With("direction", direction)).Output("y").Build();
    }

    private static Dictionary<string, Tensor> Feed(int seed) => new() { ["x"] = new TestModel(seed).RandomTensor(Shape.Of(Steps, 1, Inputs), 1) };
}
