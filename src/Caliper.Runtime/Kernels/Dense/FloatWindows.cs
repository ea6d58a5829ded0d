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

    /// <summary>Of so many positions a stride apart, the first that lies inside of a row and the first after those.</summary>
    public static (int First, int Last) Inside(int start, int stride, int width, int count)
    {
        var first = start >= 0 ? 0 : Math.Min(count, Sizes.CeilDiv(-start, stride));
        var last = width <= start ? 0 : Math.Min(count, Sizes.CeilDiv(width - start, stride));
        return (first, Math.Max(first, last));
    }

    /// <summary>Adds the products of a plane and one window of weights.</summary>
    [SkipLocalsInit]
    public static void AddProducts(float* from, float* weights, float* to, PlaneSizes plane, Window window, KernelSet set)
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
                    var weight = weights[ky * window.KernelWidth + kx];
                    if (window.StrideX == 1) FloatLines.AddProduct((float*)line + first, (float*)row + first, weight, last - first, set);
                    else
                    {
                        for (var start = first; start < last; start += LongestPiece)
                        {
                            var count = Math.Min(LongestPiece, last - start);
                            for (var i = 0; i < count; i++) piece[i] = ((float*)row)[(long)(start + i) * window.StrideX];
                            FloatLines.AddProduct((float*)line + start, piece, weight, count, set);
                        }
                    }
                }
            }
        }
    }
}
