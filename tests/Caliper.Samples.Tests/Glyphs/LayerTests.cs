using Glyphs.Layers;
using Glyphs.Rendering;
using static Caliper.Samples.Tests.Glyphs.GradientCheck;

namespace Caliper.Samples.Tests.Glyphs;

public sealed class LayerTests
{
    private static readonly Workers One = new(1);

    [Fact]
    public void A_pointwise_convolution_has_the_right_gradients() =>
        Check(Disturbed(new PointwiseConvolution(5, 19, One)), Random(9, 3, 5));

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 5)]
    [InlineData(2, 6)]
    public void A_depthwise_convolution_has_the_right_gradients(int stride, int size) =>
        Check(Disturbed(new DepthwiseConvolution(16, stride, One)), Random(9, size, 16));

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void The_stem_has_the_right_gradients(int size) =>
        Check(Disturbed(new StemConvolution(3, 10, One)), Random(3, size, 3), ofInput: false);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Batch_normalization_has_the_right_gradients_under_any_channel_scale(bool relu6)
    {
        var layer = Disturbed(new BatchNormalization(8, relu6, One));
        for (var c = 0; c < 8; c++) layer.Scale[c] = 1 + c * 0.7f;
        Check(layer, Random(9, 4, 8), step: 1e-3f);
    }

    [Fact]
    public void Pooling_and_the_classifier_have_the_right_gradients()
    {
        Check(new GlobalAveragePool(), Random(3, 4, 5), ofInput: true);
        Check(Disturbed(new Linear(12, 7, One)), Random(9, 1, 12));
    }

    [Theory]
    [InlineData(8, 8, 1, 2)]
    [InlineData(8, 16, 1, 1)]
    [InlineData(8, 16, 2, 2)]
    public void An_inverted_residual_has_the_right_gradients(int from, int to, int stride, int expansion)
    {
        var block = Disturbed(new InvertedResidual(from, to, stride, expansion, One));
        foreach (var convolution in block.Blocks)
        {
            // Half way between the kinks of the ReLU6, as thousands of values near them would blur the differences.
            Array.Fill(convolution.Normalization.Gamma.Values, 0.5f);
            Array.Fill(convolution.Normalization.Beta.Values, 3);
        }
        Check(block, Random(9, 6, from));
    }

    [Fact]
    public void Cross_entropy_has_the_right_gradient()
    {
        var logits = Random(4, 1, 6);
        int[] labels = [0, 5, 2, 2];
        CrossEntropy.Evaluate(logits, labels, 0.1f);
        var gradient = logits.Gradient.ToArray();
        for (var i = 0; i < gradient.Length; i++)
        {
            var value = logits.Values[i];
            logits.Values[i] = value + 1e-3f;
            var above = CrossEntropy.Evaluate(logits, labels, 0.1f);
            logits.Values[i] = value - 1e-3f;
            var below = CrossEntropy.Evaluate(logits, labels, 0.1f);
            logits.Values[i] = value;
            Assert.Equal((above - below) / 2e-3, gradient[i], 1e-4);
        }
    }

    [Fact]
    public unsafe void The_matrix_product_is_that_of_three_loops() => CsCheck.Check.Sample(
        CsCheck.Gen.Select(CsCheck.Gen.Int[1, 11], CsCheck.Gen.Int[1, 37], CsCheck.Gen.Int[1, 9], CsCheck.Gen.Bool), t =>
        {
            var (rows, columns, depth, transposed) = t;
            var (a, b, c) = (Random(1, 1, rows * depth).Values, Random(1, 1, depth * columns).Values, new float[rows * columns]);
            var (aRow, aStep) = transposed ? (1, rows) : (depth, 1);
            fixed (float* pa = a, pb = b, pc = c)
                MatrixProduct.Accumulate(pa, aRow, aStep, pb, columns, pc, columns, rows, columns, depth);
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                {
                    var sum = 0f;
                    for (var k = 0; k < depth; k++)
                        sum = MathF.FusedMultiplyAdd(a[i * aRow + k * aStep], b[k * columns + j], sum);
                    Assert.Equal(sum, c[i * columns + j]);
                }
            }
        }, iter: 200, threads: 1);

    [Fact]
    public void Random_numbers_are_those_of_SplitMix64()
    {
        var random = new SeededRandom(0);
        Assert.Equal(0xE220A8397B1DCDAFul, random.NextBits());
        Assert.Equal(0x6E789E6AA1B965F4ul, random.NextBits());
    }
}
