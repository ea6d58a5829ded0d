using Caliper.Conformance.Onnx;
using Caliper.Graphs;
using Caliper.Onnx;
using CsCheck;

namespace Caliper.Conformance.Engine;

/// <summary>Transposed convolutions. ONNX Runtime computes them in float, whatever stands around them: sums of ours are exact, so that a byte
/// may be one level off where float32 lies next to the border between two.</summary>
public class TransposedTests
{
    private const double Tolerance = 2e-5;

    /// <summary>A transposed convolution: sizes, and what the node says of them.</summary>
    internal sealed record Case(int Inputs, int Outputs, int Groups, int Height, int Width, int[] Kernel, int[] Strides, int[] Dilations, int[] Pads,
        int[] Added, int Seed)
    {
        public static Gen<Case> Any =>
            from groups in Gen.Frequency((3, Gen.Const(1)), (1, Gen.Int[2, 5]))
            from perIn in Gen.Frequency((1, Gen.Const(1)), (3, Gen.Int[1, 20]))
            from perOut in Gen.Frequency((1, Gen.Const(1)), (3, Gen.Int[1, 20]))
            from size in Gen.Int[1, 9].Array[2]
            from kernel in Gen.Int[1, 5].Array[2]
            from strides in Gen.Int[1, 4].Array[2]
            from dilations in Gen.Frequency((3, Gen.Const(1)), (1, Gen.Int[2, 3])).Array[2]
            from pads in Gen.Int[0, 3].Array[4]
            from added in Gen.Int[0, 2].Array[2]
            from seed in Gen.Int[0, 1000]
            let made = new Case(perIn * groups, perOut * groups, groups, size[0], size[1], kernel, strides, dilations, pads,
                [.. added.Zip(strides, (a, s) => Math.Min(a, s - 1))], seed)
            where made.Length(0) > 0 && made.Length(1) > 0
            select made;

        public Node Configure(Node node) => node.With("group", Groups).With("strides", Longs(Strides)).With("dilations", Longs(Dilations))
            .With("pads", Longs(Pads)).With("output_padding", Longs(Added));

        public long[] Weights => [Inputs, Outputs / Groups, Kernel[0], Kernel[1]];

        /// <summary>Products that an output value has, at most.</summary>
        public int Products => Inputs / Groups * Math.Max(1, Kernel[0] / Strides[0]) * Math.Max(1, Kernel[1] / Strides[1]);

        private int Length(int axis) => Strides[axis] * ((axis == 0 ? Height : Width) - 1) + Added[axis] + (Kernel[axis] - 1) * Dilations[axis] + 1
            - Pads[axis] - Pads[axis + 2];

        private static long[] Longs(int[] numbers) => [.. numbers.Select(n => (long)n)];
    }

    [Fact]
    public void Of_bytes_it_is_ONNX_Runtimes_up_to_one_level() => Case.Any.Sample(c =>
    {
        var b = new QdqBuilder(c.Seed) { Signed = c.Seed % 2 == 0 };
        var y = b.ConvTranspose(b.Input(1 + c.Seed % 2, c.Inputs, c.Height, c.Width), c.Weights, c.Outputs, c.Products, c.Configure,
            relu: c.Seed % 3 == 0, perChannel: c.Seed % 5 > 0);
        Comparison.AssertSameLevels(b.Build(asFloats: false, y), c.Seed);
    }, iter: 80);

    [Fact]
    public void Every_kernel_set_gives_the_same_bits_and_touches_nothing_beside() => Case.Any.Sample(c =>
    {
        var b = new QdqBuilder(c.Seed) { Signed = c.Seed % 2 == 0 };
        // Bytes after it, a convolution, which wants a border of another byte, and floats.
        var y = b.ConvTranspose(b.Input(1, c.Inputs, c.Height, c.Width), c.Weights, c.Outputs, c.Products, c.Configure, perChannel: c.Seed % 5 > 0);
        var z = b.Conv(y, c.Outputs, 5, 3, 1, 2);
        var real = b.Float("ConvTranspose", [b.Real(y), b.Floats(c.Outputs, 2, 2, 2)], n => n.With("strides", 2, 2));
        Comparison.AssertSameEverywhere(b.Build(asFloats: false, z, real), c.Seed);
    }, iter: 15);

    [Fact]
    public void Of_floats_it_is_ONNX_Runtimes_up_to_rounding() => Case.Any.Sample(c =>
    {
        var b = new QdqBuilder(c.Seed);
        var model = b.Build(asFloats: false, b.Float("ConvTranspose", [b.Float("Mul", [b.Real(b.Input(2, c.Inputs, c.Height, c.Width)), b.Floats(1)]),
            b.Floats(c.Weights), b.Floats(c.Outputs)], c.Configure));
        AssertClose(model, c.Seed);
        Comparison.AssertSameEverywhere(model, c.Seed);
    }, iter: 30);

    /// <summary>So much is cut off that the last row of the input meets no output: the next image begins after it all the same.</summary>
    [Fact]
    public void Rows_of_the_input_may_stay_unread_in_each_of_several_images()
    {
        var b = new QdqBuilder(7);
        var model = b.Build(asFloats: false, b.Float("ConvTranspose", [b.Float("Mul", [b.Real(b.Input(2, 12, 2, 9)), b.Floats(1)]),
            b.Floats(12, 1, 2, 2), b.Floats(1)], n => n.With("strides", 2, 3).With("pads", 1, 1, 3, 0).With("output_padding", 1, 2)));
        AssertClose(model, 7);
        Comparison.AssertSameEverywhere(model, 7);
    }

    [Fact]
    public void A_result_that_stays_float_is_that_of_the_exact_sums()
    {
        var b = new QdqBuilder(3);
        var model = b.Build(asFloats: false, b.Float("ConvTranspose",
            [b.Real(b.Input(1, 24, 9, 11)), b.Weights(Shape.Of(24, 1, 2, 2), 1, 1, false, out _)], n => n.With("strides", 2, 2)));
        AssertClose(model, 3);
        using var session = Int8Session.FromModel(model);
        Assert.Contains(session.Describe().Steps, s => s.Kind == "transposed 2x2/2");
    }

    [Theory]
    [InlineData("SAME_UPPER", null)]
    [InlineData("SAME_LOWER", null)]
    [InlineData("VALID", null)]
    [InlineData("NOTSET", 13)]
    [InlineData("SAME_UPPER", 14)]
    public void Padding_that_is_worked_out(string auto, int? said)
    {
        var b = new QdqBuilder(5);
        var model = b.Build(asFloats: false, b.Float("ConvTranspose", [b.Real(b.Input(1, 3, 7)), b.Floats(3, 4, 4)], n =>
        {
            n = n.With("strides", [2L]).With("auto_pad", auto);
            return said is { } length ? n.With("output_shape", [(long)length]) : n;
        }));
        AssertClose(model, 5);
    }

    private static void AssertClose(Model model, int seed)
    {
        var feeds = Comparison.Feeds(model, seed);
        var expected = OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        foreach (var (name, actual) in Comparison.Run(model, feeds))
        {
            Assert.Equal(expected[name].Shape, actual.Shape);
            foreach (var (e, g) in expected[name].Span<float>().ToArray().Zip(actual.Span<float>().ToArray()))
                Assert.True(Math.Abs(e - g) <= Tolerance * Math.Max(1, Math.Abs(e)), $"{name}: {e} is not {g}");
        }
    }
}
