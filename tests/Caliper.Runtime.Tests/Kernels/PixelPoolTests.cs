using Caliper.Engine.Values;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Pixels;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Pools of floats, whole windows and separable ones: the bits of their definition, on every kernel set, whole and in pieces.</summary>
public unsafe class PixelPoolTests
{
    private static readonly Gen<PixelCase> Cases =
        from channels in Gen.OneOf(Gen.Int[1, 40], Gen.Const(64))
        from image in Gen.Select(Gen.Int[1, 17], Gen.Int[1, 19])
        from kernel in Gen.Select(Gen.Int[1, 13], Gen.Int[1, 13])
        from stride in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3])
        from dilation in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3])
        from pad in Gen.Select(Gen.Int[0, 14], Gen.Int[0, 14])
        from gap in Gen.Int[0, 2]
        from seed in Gen.Int[0, 10_000]
        where image.Item1 + 2 * pad.Item1 > (kernel.Item1 - 1) * dilation.Item1 && image.Item2 + 2 * pad.Item2 > (kernel.Item2 - 1) * dilation.Item2
        select new PixelCase(channels, image.Item1, image.Item2, new Window(kernel.Item1, kernel.Item2, stride.Item1, stride.Item2,
            dilation.Item1, dilation.Item2, pad.Item1, pad.Item2, pad.Item1, pad.Item2), gap, seed);

    [Fact]
    public void Whole_windows_have_the_bits_of_the_definition() => Cases.Sample(c =>
    {
        foreach (var (isMax, countsPads) in new[] { (true, false), (false, false), (false, true) })
            (c with { IsMixed = isMax }).Check(Definition(c, isMax, countsPads), c.Channels, [],
                (x, y, set, _) => new PixelPool(c.Window, isMax, countsPads) { Input = x, Output = y, Set = set });
    }, iter: 30);

    [Fact]
    public void Separable_windows_have_the_bits_of_the_definition() => Cases.Select(c => c with { IsMixed = true }).Sample(c =>
        c.Check(Definition(c, isMax: true, countsPads: false), c.Channels, [],
            (x, y, set, _) => new SeparableMaxPool(c.Window) { Input = x, Output = y, Set = set }), iter: 80);

    /// <summary>One tap after the other, along rows and columns of the window.</summary>
    private static DenseKernel Definition(PixelCase c, bool isMax, bool countsPads) => new((inputs, output, _) =>
    {
        var (y, w) = (c.Y(c.Channels), c.Window);
        for (var at = 0; at < Sizes.Product(y); at++)
        {
            var (rest, ox) = Math.DivRem(at, y[3]);
            var (plane, oy) = Math.DivRem(rest, y[2]);
            var (joined, inside) = (isMax ? float.NegativeInfinity : 0, 0);
            for (var tap = 0; tap < w.KernelHeight * w.KernelWidth; tap++)
            {
                var (ky, kx) = Math.DivRem(tap, w.KernelWidth);
                var (iy, ix) = (oy * w.StrideY - w.Top + ky * w.DilationY, ox * w.StrideX - w.Left + kx * w.DilationX);
                if ((uint)iy >= (uint)c.Height || (uint)ix >= (uint)c.Width) continue;
                var x = inputs[0][(plane * c.Height + iy) * c.Width + ix];
                joined = isMax ? MathF.Max(joined, x) : joined + x;
                inside++;
            }
            output[at] = isMax ? joined : joined / (countsPads ? w.TapsWithPads(oy, ox, c.Height, c.Width) : Math.Max(1, inside));
        }
    }, c.Count(c.Channels) * sizeof(float));
}
