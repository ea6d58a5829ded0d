using Caliper.Engine.Values;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Pixels;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Resize of floats, channels side by side and in planes: the bits of its definition, on every kernel set, whole and in pieces.</summary>
public unsafe class ResizeKernelTests
{
    private static readonly Gen<PixelCase> Cases =
        from channels in Gen.OneOf(Gen.Int[1, 20], Gen.Const(71))
        from image in Gen.Select(Gen.Int[1, 9], Gen.OneOf(Gen.Int[1, 40], Gen.Const(1030)))
        from resized in Gen.Select(Gen.Int[1, 12], Gen.OneOf(Gen.Int[1, 90], Gen.Const(1100)))
        from gap in Gen.Int[0, 2]
        from isMixed in Gen.Bool
        from seed in Gen.Int[0, 10_000]
        where channels < 4 || image.Item2 + resized.Item2 < 200
        select new PixelCase(channels, image.Item1, image.Item2, new Window(1, 1, 1, 1, 1, 1, 0, 0, 0, 0), gap, seed)
        {
            Resized = resized,
            IsMixed = isMixed,
        };

    [Fact]
    public void Pixels_have_the_bits_of_the_definition() => Cases.Sample(c =>
    {
        var (rows, columns) = AxesOf(c);
        foreach (var isLinear in new[] { true, false })
        {
            var definition = new DenseKernel((inputs, output, _) => Define(c, inputs[0], output, isLinear), c.Count(c.Channels) * sizeof(float));
            c.Check(definition, c.Channels, [],
                (x, y, set, _) => new PixelResize(rows, columns, isLinear, (c.Height, c.Width)) { Input = x, Output = y, Set = set });
        }
    }, iter: 30);

    [Fact]
    public void Planes_have_the_bits_of_the_definition() => Cases.Sample(c =>
    {
        var ((rows, columns), expected) = (AxesOf(c), new float[c.Count(c.Channels)]);
        using var input = GuardedMemory<float>.Of(c.Pixels());
        var kernel = FloatResize.Of(2 * c.Channels, c.Height, c.Width, rows, columns);
        Assert.Equal((expected.Length * sizeof(float), input.Span.Length * sizeof(float)), (kernel.OutputBytes, kernel.InputBytes[0]));
        fixed (float* from = input.Span, definition = expected)
        {
            Define(c, from, definition, isLinear: true);
            foreach (var set in Enum.GetValues<KernelSet>())
            {
                using var output = new GuardedMemory<float>(expected.Length);
                fixed (float* to = output.Span)
                {
                    var address = from;
                    var cut = kernel.Count / 2;
                    if (kernel.Pieces is not { } pieces) kernel.Run(&address, to, set);
                    else
                    {
                        pieces(&address, to, set, cut, kernel.Count);
                        pieces(&address, to, set, 0, cut);
                    }
                }
                Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), output.Span.ToArray().Select(BitConverter.SingleToInt32Bits));
            }
        }
    }, iter: 60);

    private static (ResampleAxis Rows, ResampleAxis Columns) AxesOf(PixelCase c) =>
        (Axis(c.Height, c.Resized!.Value.Height), Axis(c.Width, c.Resized.Value.Width));

    private static ResampleAxis Axis(int from, int to)
    {
        var at = Enumerable.Range(0, to).Select(i => Math.Clamp((i + 0.5f) * from / to - 0.5f, 0, from - 1)).ToArray();
        int[] low = [.. at.Select(a => (int)a)];
        return new(low, [.. low.Select(l => Math.Min(l + 1, from - 1))], [.. at.Select((a, i) => a - low[i])]);
    }

    /// <summary>Between two rows, and then between two pixels of that.</summary>
    private static void Define(PixelCase c, float* from, float* to, bool isLinear)
    {
        var ((rows, columns), y) = (AxesOf(c), c.Y(c.Channels));
        for (var at = 0; at < Sizes.Product(y); at++)
        {
            var (rest, ox) = Math.DivRem(at, y[3]);
            var (plane, oy) = Math.DivRem(rest, y[2]);
            var (image, row, column) = ((nint)(from + plane * c.Height * c.Width), rows.Weight[oy], columns.Weight[ox]);
            var left = Pixel(rows.Low[oy], columns.Low[ox]) * (1 - row) + Pixel(rows.High[oy], columns.Low[ox]) * row;
            var right = Pixel(rows.Low[oy], columns.High[ox]) * (1 - row) + Pixel(rows.High[oy], columns.High[ox]) * row;
            to[at] = isLinear ? left * (1 - column) + right * column : Pixel(rows.Low[oy], columns.Low[ox]);

            float Pixel(int pixelRow, int pixelColumn) => ((float*)image)[pixelRow * c.Width + pixelColumn];
        }
    }
}
