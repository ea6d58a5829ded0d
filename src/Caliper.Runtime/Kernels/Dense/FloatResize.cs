using System.Runtime.CompilerServices;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Linear Resize of planes of floats: first between two rows, then between two pixels of that.</summary>
internal sealed unsafe class FloatResize
{
    private const int MostPixels = 1024;

    // Vectors are read whole, whichever of their lanes are asked for.
    private const int PixelsAfter = 16;

    private readonly int _height, _width;
    private readonly ResampleAxis _rows, _columns;
    private readonly (int Start, int End, int First, int Count)[] _pieces;

    private FloatResize(int height, int width, ResampleAxis rows, ResampleAxis columns)
    {
        if (rows.Range is not { Least: >= 0, Greatest: var lastRow } || lastRow >= height
            || columns.Range is not { Least: >= 0, Greatest: var lastColumn } || lastColumn >= width
            || !IsRising(columns))
            throw new ArgumentException("A resizing lies between pixels of its input.");
        (_height, _width, _rows, _columns, _pieces) = (height, width, rows, columns, [.. PiecesOf(columns)]);
    }

    /// <summary>The resizing of so many planes.</summary>
    /// <param name="planes">Planes that follow each other.</param>
    /// <param name="height">Rows before.</param>
    /// <param name="width">Columns before.</param>
    /// <param name="rows">For each row of the output the two it lies between.</param>
    /// <param name="columns">The same for columns; they do not go back.</param>
    public static DenseKernel Of(int planes, int height, int width, ResampleAxis rows, ResampleAxis columns)
    {
        var (resize, outputs) = (new FloatResize(height, width, rows, columns), (long)planes * rows.Low.Length * columns.Low.Length);
        return DenseKernel.Of(checked(planes * rows.Low.Length), (inputs, output, set, start, end) =>
        {
            for (var line = start; line < end; line++) resize.Line(inputs[0], line, output + (long)line * columns.Low.Length, set);
        }, checked(outputs * sizeof(float)), checked((long)planes * height * width * sizeof(float)));
    }

    private static bool IsRising(ResampleAxis axis)
    {
        for (var x = 1; x < axis.Low.Length; x++) if (axis.Low[x] < axis.Low[x - 1] || axis.High[x] < axis.High[x - 1]) return false;
        return axis.Low.Zip(axis.High).All(pixel => pixel.First <= pixel.Second && pixel.Second < pixel.First + MostPixels);
    }

    /// <summary>Parts of a row of the output, and the pixels of the input that they lie between.</summary>
    private static IEnumerable<(int Start, int End, int First, int Count)> PiecesOf(ResampleAxis columns)
    {
        for (int start = 0, end = 0; start < columns.Low.Length; start = end)
        {
            var first = columns.Low[start];
            while (end < columns.Low.Length && columns.High[end] < first + MostPixels) end++;
            yield return (start, end, first, columns.High[end - 1] - first + 1);
        }
    }

    [SkipLocalsInit]
    private void Line(float* planes, int line, float* to, KernelSet set)
    {
        var between = stackalloc float[MostPixels + PixelsAfter];
        var (plane, y) = Math.DivRem(line, _rows.Low.Length);
        var from = planes + (long)plane * _height * _width;
        fixed (int* low = _columns.Low, high = _columns.High)
        fixed (float* weights = _columns.Weight)
        {
            foreach (var (start, end, first, count) in _pieces)
            {
                var above = from + (long)_rows.Low[y] * _width + first;
                var below = from + (long)_rows.High[y] * _width + first;
                var (pixel, x, weight) = (0, start, _rows.Weight[y]);
                if (FloatVectors.AreWide(set)) pixel = Down<WideLanes>(above, below, weight, between, pixel, count);
                if (FloatVectors.Serve(set)) pixel = Down<NativeLanes>(above, below, weight, between, pixel, count);
                Down<OneLane>(above, below, weight, between, pixel, count);
                if (FloatVectors.AreWide(set)) x = Aside<WideLanes>(between - first, low, high, weights, to, x, end);
                if (FloatVectors.Serve(set)) x = Aside<NativeLanes>(between - first, low, high, weights, to, x, end);
                Aside<OneLane>(between - first, low, high, weights, to, x, end);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Down<T>(float* above, float* below, float weight, float* to, int pixel, int count) where T : struct, ILanes<T>
    {
        var (up, down) = (T.Of(1 - weight), T.Of(weight));
        for (; pixel <= count - T.Count; pixel += T.Count) T.Store(T.Load(above + pixel) * up + T.Load(below + pixel) * down, to + pixel);
        return pixel;
    }

    /// <summary>As far as pixels that lie side by side in the output have theirs in one vector of the input; an enlarged image has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Aside<T>(float* from, int* low, int* high, float* weights, float* to, int x, int end) where T : struct, ILanes<T>
    {
        for (; x <= end - T.Count; x += T.Count)
        {
            var last = x + T.Count - 1;
            if (low[last] - low[x] >= T.Count || high[last] - high[x] >= T.Count) break;
            var right = T.Load(weights + x);
            T.Store(T.Pick(from, low + x) * (T.Of(1) - right) + T.Pick(from, high + x) * right, to + x);
        }
        return x;
    }
}
