using System.Runtime.CompilerServices;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Sizes of a plane of pixels before and after a window; of one axis, the rows are one.</summary>
internal readonly record struct PlaneSizes(int Height, int Width, int OutHeight, int OutWidth)
{
    /// <summary>Pixels before.</summary>
    public long In => (long)Height * Width;

    /// <summary>Pixels after it.</summary>
    public long Out => (long)OutHeight * OutWidth;

    /// <summary>The sizes of tensors N×C×H×W or N×C×W.</summary>
    public static PlaneSizes Of(int[] x, int[] y) => x.Length == 3 ? new(1, x[2], 1, y[2]) : new(x[2], x[3], y[2], y[3]);
}

/// <summary>Windows over single planes of floats, along rows of pixels: each tap of the window adds to a whole row of the output.</summary>
internal static unsafe class FloatWindows
{
    private const int LongestPiece = 1024;

    /// <summary>What a tap does to a piece of a row.</summary>
    private interface ITap
    {
        void Join(float* to, float* from, int tap, int count);
    }

    private readonly struct ProductTap(nint weights, KernelSet set) : ITap
    {
        public void Join(float* to, float* from, int tap, int count) => FloatLines.AddProduct(to, from, ((float*)weights)[tap], count, set);
    }

    private readonly struct MaxTap(KernelSet set) : ITap
    {
        public void Join(float* to, float* from, int tap, int count) => FloatLines.Select(to, from, count, isMax: true, set);
    }

    private readonly struct SumTap(KernelSet set) : ITap
    {
        public void Join(float* to, float* from, int tap, int count) => FloatLines.Add(to, from, count, set);
    }

    /// <summary>Adds the products of a plane and one window of weights.</summary>
    public static void AddProducts(float* from, float* weights, float* to, PlaneSizes plane, Window window, KernelSet set) =>
        Walk(from, to, plane, window, new ProductTap((nint)weights, set));

    /// <summary>MaxPool or AveragePool of N×C×H×W.</summary>
    public static DenseKernel Pool(int[] x, int[] y, Window window, bool isMax, bool countsPads)
    {
        var plane = PlaneSizes.Of(x, y);
        var shares = isMax ? [] : Counts(plane, window, countsPads);
        return DenseKernel.OfFloats((inputs, output, set) =>
        {
            for (var at = 0L; at < (long)y[0] * y[1]; at++)
            {
                var to = output + at * plane.Out;
                new Span<float>(to, (int)plane.Out).Fill(isMax ? float.NegativeInfinity : 0);
                if (isMax) Walk(inputs[0] + at * plane.In, to, plane, window, new MaxTap(set));
                else Walk(inputs[0] + at * plane.In, to, plane, window, new SumTap(set));
                for (var i = 0; i < shares.Length; i++) to[i] /= shares[i];
            }
        }, (long)y[0] * y[1] * plane.Out, (long)y[0] * y[1] * plane.In);
    }

    /// <summary>Of so many positions a stride apart, the first that lies inside of a row and the first after those.</summary>
    public static (int First, int Last) Inside(int start, int stride, int width, int count)
    {
        var first = start >= 0 ? 0 : Math.Min(count, Sizes.CeilDiv(-start, stride));
        var last = width <= start ? 0 : Math.Min(count, Sizes.CeilDiv(width - start, stride));
        return (first, Math.Max(first, last));
    }

    [SkipLocalsInit]
    private static void Walk<T>(float* from, float* to, PlaneSizes plane, Window window, T tap) where T : struct, ITap
    {
        var piece = stackalloc float[LongestPiece];
        for (var oy = 0; oy < plane.OutHeight; oy++)
        {
            for (var ky = 0; ky < window.KernelHeight; ky++)
            {
                var iy = oy * window.StrideY - window.Top + ky * window.DilationY;
                if ((uint)iy >= (uint)plane.Height) continue;
                for (var kx = 0; kx < window.KernelWidth; kx++)
                {
                    var ix = kx * window.DilationX - window.Left;
                    var (first, last) = Inside(ix, window.StrideX, plane.Width, plane.OutWidth);
                    var (row, line) = ((nint)(from + (long)iy * plane.Width + ix), (nint)(to + (long)oy * plane.OutWidth));
                    if (window.StrideX == 1) tap.Join((float*)line + first, (float*)row + first, ky * window.KernelWidth + kx, last - first);
                    else
                    {
                        for (var start = first; start < last; start += LongestPiece)
                        {
                            var count = Math.Min(LongestPiece, last - start);
                            for (var i = 0; i < count; i++) piece[i] = ((float*)row)[(long)(start + i) * window.StrideX];
                            tap.Join((float*)line + start, piece, ky * window.KernelWidth + kx, count);
                        }
                    }
                }
            }
        }
    }

    /// <summary>How many pixels each average is of.</summary>
    private static float[] Counts(PlaneSizes plane, Window window, bool countsPads)
    {
        var counts = new float[plane.Out];
        if (countsPads)
        {
            for (var i = 0; i < counts.Length; i++)
                counts[i] = window.TapsWithPads(i / plane.OutWidth, i % plane.OutWidth, plane.Height, plane.Width);
        }
        else fixed (float* to = counts)
        {
            var ones = new float[plane.In];
            Array.Fill(ones, 1);
            fixed (float* from = ones) Walk(from, to, plane, window, new SumTap(KernelSet.Portable));
            for (var i = 0; i < counts.Length; i++) counts[i] = Math.Max(1, counts[i]);
        }
        return counts;
    }
}
