using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Where in a tensor the greatest element of each window lies, the first of several.</summary>
internal static unsafe class WindowPlaces
{
    /// <summary>The places of MaxPool of N×C×H×W or N×C×W, counted in rows, or in columns.</summary>
    public static DenseKernel Of(int[] x, int[] y, Window window, bool inColumns)
    {
        var plane = PlaneSizes.Of(x, y);
        var planes = (long)y[0] * y[1];
        return new((inputs, output, _) =>
        {
            var to = (long*)output;
            for (var at = 0L; at < planes; at++)
                for (var i = 0; i < plane.Out; i++)
                {
                    var (row, column) = Greatest(inputs[0] + at * plane.In, plane, window, i / plane.OutWidth, i % plane.OutWidth);
                    *to++ = at * plane.In + (inColumns ? (long)column * plane.Height + row : (long)row * plane.Width + column);
                }
        }, planes * plane.Out * sizeof(long), planes * plane.In * sizeof(float));
    }

    private static (int Row, int Column) Greatest(float* from, PlaneSizes plane, Window window, int y, int x)
    {
        var (found, greatest) = ((0, 0), float.NegativeInfinity);
        for (var k = 0; k < window.KernelHeight * window.KernelWidth; k++)
        {
            var row = y * window.StrideY - window.Top + k / window.KernelWidth * window.DilationY;
            var column = x * window.StrideX - window.Left + k % window.KernelWidth * window.DilationX;
            if ((uint)row >= (uint)plane.Height || (uint)column >= (uint)plane.Width) continue;
            var number = from[(long)row * plane.Width + column];
            if (number > greatest) (found, greatest) = ((row, column), number);
        }
        return found;
    }
}
