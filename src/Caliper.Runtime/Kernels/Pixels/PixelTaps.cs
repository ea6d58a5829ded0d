using Caliper.Engine.Values;

namespace Caliper.Kernels.Pixels;

/// <summary>The taps of a window along one axis that lie inside of the image.</summary>
/// <param name="First">The first of them.</param>
/// <param name="End">The first after them.</param>
/// <param name="At">Where tap 0 is; outside of the image it may be.</param>
internal readonly record struct PixelTaps(int First, int End, int At)
{
    /// <summary>Along the rows.</summary>
    public static PixelTaps OfRow(Window window, int row, int height) =>
        Of(row * window.StrideY - window.Top, window.DilationY, window.KernelHeight, height);

    /// <summary>Along the pixels of a row.</summary>
    public static PixelTaps OfColumn(Window window, int column, int width) =>
        Of(column * window.StrideX - window.Left, window.DilationX, window.KernelWidth, width);

    private static PixelTaps Of(int at, int dilation, int kernel, int length)
    {
        var first = at >= 0 ? 0 : Math.Min(kernel, Sizes.CeilDiv(-at, dilation));
        var end = at >= length ? 0 : Math.Min(kernel, Sizes.CeilDiv(length - at, dilation));
        return new(first, Math.Max(first, end), at);
    }
}
