using Caliper.Graphs;

namespace Caliper.Conformance.Engine;

/// <summary>Operators that stay float between bytes: one step each island, in whichever order the tensors lie.</summary>
public class IslandTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 16)]
    [InlineData(1, 37)]
    [InlineData(1, 130)]
    public void A_slope_for_each_channel(int batch, int channels) => Check(b =>
    {
        var x = b.Conv(b.Input(batch, 3, 19, 21), 3, channels, 3, 1, 1);
        var y = b.Apply("PRelu", 3, [x], null, false, b.Floats(channels, 1, 1));
        return b.Conv(y, channels, 5, 3, 1, 1);
    }, "PRelu");

    [Fact]
    public void A_chain_with_a_gate_and_constants() => Check(b =>
    {
        var x = b.Conv(b.Input(1, 3, 17, 18), 3, 24, 3, 1, 1);
        var gate = b.Apply("HardSigmoid", 1, [b.Conv(b.Apply("GlobalAveragePool", 1, [x]), 24, 24, 1)]);
        var real = b.Float("Mul", [b.Real(x), b.Real(gate)]);
        real = b.Float("Div", [b.Float("Sub", [real, b.Floats(1, 24, 1, 1)]), b.Constant(Tensor.Scalar(1.7f))]);
        return b.Conv(b.Quantized(b.Float("Max", [real, b.Floats(1)]), 3), 24, 7, 1);
    }, "Mul+Sub+Div+Max");

    [Fact]
    public void A_value_that_two_read() => Check(b =>
    {
        var x = b.Conv(b.Input(2, 3, 9, 10), 3, 20, 3, 1, 1);
        var swish = b.Float("Mul", [b.Float("HardSwish", [b.Float("PRelu", [b.Real(x), b.Floats(20, 1, 1)])]), b.Floats(20, 1, 1)]);
        var mean = b.Quantized(b.Float("GlobalAveragePool", [swish]), 2);
        return b.Apply("Add", 4, [b.Conv(b.Quantized(swish, 3), 20, 11, 3, 1, 1), b.Conv(mean, 20, 11, 1)]);
    }, "HardSwish");

    [Fact]
    public void The_same_tensor_twice_and_broadcasting_on_both_sides() => Check(b =>
    {
        var x = b.Real(b.Input(3, 1, 7));
        var sum = b.Float("Add", [x, b.Floats(5, 1)]);
        return b.Quantized(b.Float("Mul", [sum, sum]), 8);
    }, "Mul");

    [Theory]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(70)]
    public void Floats_in_ONNX_order_between_convolutions(int channels) => Check(b =>
    {
        var x = b.Conv(b.Input(2, 3, 20, 23), 3, channels, 3, 1, 1);
        var real = b.Float("LogSoftmax", [b.Real(x)], n => n.With("axis", 3));
        return b.Conv(b.Quantized(real, 8), channels, 6, 3);
    }, "quantize");

    private static void Check(Func<QdqBuilder, string> build, string kind)
    {
        foreach (var signed in new[] { false, true })
        {
            var b = new QdqBuilder(23) { Signed = signed, Opset = 16 };
            var model = b.Build(asFloats: false, build(b));
            using (var session = Int8Session.FromModel(model))
                Assert.Contains(session.Describe().Steps, s => s.Kind.Contains(kind, StringComparison.OrdinalIgnoreCase));
            Comparison.AssertSameLevels(model);
            Comparison.AssertSameEverywhere(model);
        }
    }
}
