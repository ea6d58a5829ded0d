using Caliper.Graphs;
using CsCheck;

namespace Caliper.Conformance.Engine;

/// <summary>Convolutions and matrix products give ONNX Runtime's bytes, all of them.</summary>
public class LinearTests
{
    [Fact]
    public void A_convolution_equals_ONNX_Runtimes_bit_for_bit() => (
        from channels in Gen.Int[1, 40]
        from outputs in Gen.Int[1, 70]
        from kernel in Gen.OneOf(Gen.Const(1), Gen.Const(3), Gen.Int[1, 5])
        from stride in Gen.Int[1, 2]
        from dilation in Gen.Frequency((2, Gen.Const(1)), (1, Gen.Const(2)))
        from pad in Gen.Int[0, 2]
        from size in Gen.Int[9, 20]
        from relu in Gen.Bool
        from perChannel in Gen.Bool
        from signed in Gen.Bool
        from seed in Gen.Int[0, 1000]
        select (channels, outputs, kernel, stride, dilation, pad, size, relu, perChannel, signed, seed)).Sample(c =>
        {
            var b = new QdqBuilder(c.seed) { Signed = c.signed };
            var pad = Math.Min(c.pad, c.kernel - 1);
            var y = b.Conv(b.Input(1, c.channels, c.size, c.size + 1), c.channels, c.outputs, c.kernel, c.stride, pad, c.dilation,
                relu: c.relu, perChannel: c.perChannel);
            Check(b, y, c.seed);
        }, iter: 60);

    [Theory]
    [InlineData(32, 32, 32, 3, 1)]
    [InlineData(70, 70, 70, 3, 2)]
    [InlineData(96, 96, 96, 5, 1)]
    [InlineData(24, 48, 4, 3, 1)]
    [InlineData(12, 24, 12, 3, 1)]
    [InlineData(30, 60, 3, 1, 1)]
    public void A_grouped_or_depthwise_convolution_equals_ONNX_Runtimes(int channels, int outputs, int groups, int kernel, int stride)
    {
        foreach (var signed in new[] { false, true })
        {
            var b = new QdqBuilder(3) { Signed = signed };
            var y = b.Conv(b.Input(2, channels, 15, 17), channels, outputs, kernel, stride, kernel / 2, 1, groups, relu: true);
            Check(b, y, 1);
        }
    }

    [Fact]
    public void Unsigned_weights_with_a_zero_point_equal_ONNX_Runtimes()
    {
        var b = new QdqBuilder(5);
        var y = b.Conv(b.Input(1, 19, 9, 9), 19, 33, 3, 1, 1, perChannel: false, unsignedWeights: true);
        Comparison.AssertSameBits(b.Build(asFloats: false, y));
    }

    [Fact]
    public void A_fully_connected_layer_equals_ONNX_Runtimes() => (
        from inputs in Gen.Int[1, 300]
        from outputs in Gen.Int[1, 130]
        from rows in Gen.Int[1, 9]
        from transposed in Gen.Bool
        from signed in Gen.Bool
        from seed in Gen.Int[0, 1000]
        select (inputs, outputs, rows, transposed, signed, seed)).Sample(c =>
        {
            var b = new QdqBuilder(c.seed) { Signed = c.signed };
            Check(b, b.Gemm(b.Input(c.rows, c.inputs), c.inputs, c.outputs, transposed: c.transposed), c.seed);
        }, iter: 30);

    [Theory]
    [InlineData(new long[] { 3, 7, 33 }, new long[] { 3, 33, 20 })]
    [InlineData(new long[] { 2, 3, 5, 64 }, new long[] { 2, 3, 64, 5 })]
    [InlineData(new long[] { 9, 40 }, new long[] { 40, 31 })]
    public void A_product_of_two_activations_equals_ONNX_Runtimes(long[] a, long[] b)
    {
        var builder = new QdqBuilder(7);
        var y = builder.Apply("MatMul", 10, [builder.Input(a), builder.Input(b)]);
        Comparison.AssertSameBits(builder.Build(asFloats: false, y));
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 64)]
    [InlineData(3, 130)]
    public void Heads_are_multiplied_where_they_lie(int batch, int tokens)
    {
        var builder = new QdqBuilder(batch);
        var split = Tensor.Vector(new long[] { batch, tokens, 4, 24 });
        string Heads(params long[] order) => builder.Keep("Transpose",
            [builder.Keep("Reshape", [builder.Input(batch, tokens, 96)], null, builder.Constant(split))], n => n.With("perm", order));
        var scores = builder.Apply("MatMul", 10, [Heads(0, 2, 1, 3), Heads(0, 2, 3, 1)]);
        var context = builder.Apply("MatMul", 10, [scores, Heads(0, 2, 1, 3)]);
        var model = builder.Build(asFloats: false, builder.Keep("Transpose", [context], n => n.With("perm", 0, 2, 1, 3)));
        Comparison.AssertSameBits(model);
        Comparison.AssertSameEverywhere(model);
        using var session = Int8Session.FromModel(model);
        // Only the result is moved: what is returned lies in ONNX order.
        Assert.Single(session.Describe().Steps, s => s.Kind is "Transpose" or "copy");
    }

    [Fact]
    public void A_residual_block_equals_ONNX_Runtimes_up_to_one_level_in_ten_thousand()
    {
        foreach (var swapped in new[] { false, true })
        {
            var b = new QdqBuilder(11);
            var x = b.Conv(b.Input(1, 3, 40, 40), 3, 32, 3, 1, 1, relu: true);
            var y = b.Conv(b.Conv(x, 32, 32, 3, 1, 1, relu: true), 32, 32, 3, 1, 1);
            Comparison.AssertSameLevels(b.Build(asFloats: false, b.Apply("Add", 8, swapped ? [x, y] : [y, x], relu: true)));
        }
    }

    private static void Check(QdqBuilder builder, string output, int seed) =>
        Comparison.AssertSameBits(builder.Build(asFloats: false, output), seed);
}
