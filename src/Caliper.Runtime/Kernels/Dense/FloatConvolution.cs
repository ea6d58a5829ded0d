using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>
/// Convolutions of N×C×H×W in float32. A sum begins with the bias and takes one product after the other, fused: along input channels, rows
/// and columns of the window. Padding is 0. A convolution of many channels is a product of matrices whose right one is cut out of the
/// image panel by panel; one of each channel by itself goes along rows of pixels.
/// </summary>
internal static unsafe class FloatConvolution
{
    /// <summary>The convolution of a node's shapes.</summary>
    public static DenseKernel Of(int[] x, int[] weights, int[] y, Window window, int groups, bool hasBias)
    {
        var plane = PlaneSizes.Of(x, y);
        var (perIn, perOut) = (weights[1], weights[0] / groups);
        var taps = perIn * window.KernelHeight * window.KernelWidth;
        var isDepthwise = perIn == 1 && perOut == 1;
        PanelFill cut = new Cutter(plane, window).Fill;
        return DenseKernel.OfFloats((inputs, output, set) =>
        {
            var kernel = FloatProducts.For(set);
            for (var at = 0; at < y[0] * groups; at++)
            {
                var (image, group) = Math.DivRem(at, groups);
                var from = inputs[0] + ((long)image * x[1] + (long)group * perIn) * plane.In;
                var to = output + ((long)image * y[1] + (long)group * perOut) * plane.Out;
                var w = inputs[1] + (long)group * perOut * taps;
                for (var o = 0; o < perOut; o++)
                    new Span<float>(to + o * plane.Out, (int)plane.Out).Fill(hasBias ? inputs[2][group * perOut + o] : 0);
                if (isDepthwise) FloatWindows.AddProducts(from, w, to, plane, window, set);
                else FloatMatrix.Add(new((nint)w, taps, 1), (nint)from, cut, to, (perOut, taps, (int)plane.Out), kernel);
            }
        }, (long)y[0] * y[1] * plane.Out, [(((y[0] - 1L) * x[1]) + ((y[1] - 1L) / perOut + 1) * perIn) * plane.In,
            (long)y[1] * taps, .. hasBias ? new long[] { y[1] } : []]);
    }

    /// <summary>Cuts panels out of an image: a row for each tap of the window, a column for each pixel of the output.</summary>
    private sealed class Cutter(PlaneSizes plane, Window window)
    {
        public void Fill(nint from, int k, int inner, int column, int count, float* panel)
        {
            var perChannel = window.KernelHeight * window.KernelWidth;
            for (var i = 0; i < inner; i++, panel += FloatProducts.Columns)
            {
                var (channel, tap) = Math.DivRem(k + i, perChannel);
                var (ky, kx) = Math.DivRem(tap, window.KernelWidth);
                var (done, pixel) = (0, column);
                while (done < count)
                {
                    var (oy, ox) = Math.DivRem(pixel, plane.OutWidth);
                    var length = Math.Min(count - done, plane.OutWidth - ox);
                    var iy = oy * window.StrideY - window.Top + ky * window.DilationY;
                    var ix = ox * window.StrideX - window.Left + kx * window.DilationX;
                    Row((float*)from + channel * plane.In, iy, ix, panel + done, length);
                    done += length;
                    pixel += length;
                }
                new Span<float>(panel + count, FloatProducts.Columns - count).Clear();
            }
        }

        private void Row(float* channel, int iy, int ix, float* to, int length)
        {
            if ((uint)iy >= (uint)plane.Height)
            {
                new Span<float>(to, length).Clear();
                return;
            }
            var row = channel + (long)iy * plane.Width;
            var (first, last) = FloatWindows.Inside(ix, window.StrideX, plane.Width, length);
            new Span<float>(to, first).Clear();
            if (window.StrideX == 1) new ReadOnlySpan<float>(row + ix + first, last - first).CopyTo(new Span<float>(to + first, last - first));
            else for (var c = first; c < last; c++) to[c] = row[ix + c * window.StrideX];
            new Span<float>(to + last, length - last).Clear();
        }
    }
}
