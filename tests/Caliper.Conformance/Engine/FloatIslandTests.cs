using Caliper.Graphs;

namespace Caliper.Conformance.Engine;

/// <summary>Operators in float between convolutions of bytes and words: they stay where the images lie, and every kernel set has their
/// bits.</summary>
public class FloatIslandTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(24)]
    [InlineData(70)]
    public void Convolutions_and_pools_in_float_change_no_layout(int channels) => Check(b =>
    {
        var x = b.Real(b.Conv(b.Input(2, 3, 19, 21), 3, channels, 3, 2, 1));
        x = b.Float("Conv", [x, b.Floats(channels, 1, 3, 3), b.Floats(channels)], n => n.With("group", channels).With("pads", 1, 1, 1, 1));
        x = b.Float("Conv", [x, b.Floats(channels, channels, 3, 3)], n => n.With("pads", 1, 0, 0, 1).With("strides", 2, 1));
        x = b.Float("MaxPool", [x], n => n.With("kernel_shape", 3, 2).With("pads", 1, 0, 1, 1));
        x = b.Float("AveragePool", [x], n => n.With("kernel_shape", 2, 2).With("pads", 1, 1, 0, 0));
        x = b.Float("Mul", [x, b.Float("ReduceMean", [x, b.Constant(Tensor.Of(Shape.Of(2), new long[] { 2, 3 }))])]);
        return b.Conv(b.Quantized(b.Float("Add", [x, b.Float("GlobalMaxPool", [x])]), 40), channels, 9, 1);
    }, kinds => Assert.DoesNotContain("copy", kinds[..^1])); // The result goes to the caller in another order.

    [Fact]
    public void Words_between_functions_are_never_written() => Check(b =>
    {
        var x = b.Real(b.Conv(b.Input(1, 3, 17, 18), 3, 24, 3, 1, 1));
        var real = b.Float("Conv", [x, b.Floats(24, 24, 1, 1)]);
        var gate = b.Real(b.Quantized(b.Float("Sigmoid", [real]), 1));
        b.Words = true;
        var wide = b.Real(b.Quantized(b.Float("Tanh", [real]), 1));
        var y = b.Quantized(b.Float("Mul", [b.Float("Div", [wide, b.Constant(Tensor.Scalar(6f))]), gate]), 0.2f);
        b.Words = false;
        return b.Conv(y, 24, 7, 3);
    }, kinds => Assert.Equal(1, kinds.Count(k => k.Contains("Sigmoid", StringComparison.Ordinal) && k.Contains("Mul", StringComparison.Ordinal))));

    [Fact]
    public void Two_functions_of_one_tensor_are_two_tables_of_a_word() => Check(b =>
    {
        var x = b.Conv(b.Input(1, 3, 17, 18), 3, 20, 3, 1, 1);
        var product = b.Float("Mul", [b.Real(x), b.Float("HardSigmoid", [b.Real(x)])]);
        b.Words = true;
        var y = b.Quantized(product, 3);
        b.Words = false;
        return b.Conv(y, 20, 7, 3);
    }, kinds => Assert.DoesNotContain("quantize to 16 bits", kinds));

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 2)]
    public void A_pad_of_zeros_is_the_convolutions_own(bool areWords, int stride) => Check(b =>
    {
        var x = b.Float("HardSwish", [b.Real(b.Conv(b.Input(1, 3, 17, 18), 3, 20, 3, 1, 1))]);
        x = b.Float("Pad", [x, b.Constant(Tensor.Of(Shape.Of(8), new long[] { 0, 0, 1, 2, 0, 0, 2, 1 }))]);
        b.Words = areWords;
        var y = b.Quantized(x, 3);
        b.Words = false;
        return b.Conv(y, 20, 7, 3, stride, 1);
    }, kinds => Assert.DoesNotContain("Pad", kinds));

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 1, false)]
    [InlineData(1, 0, true)]
    public void A_pad_of_zeros_counts_in_an_average(int own, int countsOwn, bool isLeft) => Check(b =>
    {
        var x = b.Float("HardSwish", [b.Real(b.Conv(b.Input(1, 3, 17, 18), 3, 20, 3, 1, 1))]);
        x = b.Float("Pad", [x, b.Constant(Tensor.Of(Shape.Of(8), new long[] { 0, 0, 1, 2, 0, 0, 2, 1 }))]);
        x = b.Float("AveragePool", [x], n => n.With("kernel_shape", 5, 5).With("strides", 2, 1).With("pads", own, own, own, own)
            .With("count_include_pad", countsOwn));
        return b.Conv(b.Quantized(x, 3), 20, 7, 3);
    }, kinds => Assert.Equal(isLeft, kinds.Contains("Pad")));

    [Theory]
    [InlineData(5, 2, 20, false)]
    [InlineData(5, 2, 70, true)]
    [InlineData(3, 4, 36, true)]
    [InlineData(7, 3, 8, false)]
    public void A_depthwise_window_with_gaps_goes_over_lattices(int kernel, int dilation, int channels, bool areWords) => Check(b =>
    {
        b.Words = areWords;
        var x = b.Conv(b.Input(2, channels, 15, 17), channels, channels, kernel, 1, kernel / 2 * dilation, dilation, channels, relu: true);
        b.Words = false;
        return b.Conv(x, channels, 5, 1);
    }, kinds => Assert.Contains(kinds, k => k.StartsWith("depthwise", StringComparison.Ordinal)));

    private static void Check(Func<QdqBuilder, string> build, Action<string[]> check)
    {
        foreach (var signed in new[] { false, true })
        {
            var b = new QdqBuilder(23) { Signed = signed, Opset = 21 };
            var model = b.Build(asFloats: false, build(b));
            using (var session = Int8Session.FromModel(model)) check([.. session.Describe().Steps.Select(s => s.Kind)]);
            Comparison.AssertSameLevels(model);
            Comparison.AssertSameEverywhere(model);
        }
    }
}
