using System.Numerics;
using System.Runtime.CompilerServices;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Resize of planes of floats: the nearest pixel, or first between two rows, then between two columns.</summary>
internal static unsafe class FloatResize
{
    private const int Piece = 1024;

    /// <summary>The resizing of so many planes.</summary>
    /// <param name="planes">Planes that follow each other.</param>
    /// <param name="height">Rows before.</param>
    /// <param name="width">Columns before.</param>
    /// <param name="rows">For each row of the output the two it lies between.</param>
    /// <param name="columns">The same for columns.</param>
    /// <param name="isLinear">Whether it interpolates.</param>
    public static DenseKernel Of(int planes, int height, int width, ResampleAxis rows, ResampleAxis columns, bool isLinear)
    {
        var (outHeight, outWidth) = (rows.Low.Length, columns.Low.Length);
        if (rows.Range is not { Least: >= 0, Greatest: var lastRow } || lastRow >= height
            || columns.Range is not { Least: >= 0, Greatest: var lastColumn } || lastColumn >= width)
            throw new ArgumentException("A resizing lies between pixels of its input.");
        return DenseKernel.OfFloats((inputs, output, set) =>
        {
            for (var line = 0; line < planes * outHeight; line++)
            {
                var (plane, y) = Math.DivRem(line, outHeight);
                var from = inputs[0] + (long)plane * height * width;
                var to = output + (long)line * outWidth;
                if (isLinear) Line(from + (long)rows.Low[y] * width, from + (long)rows.High[y] * width, rows.Weight[y], columns, to, set);
                else for (var x = 0; x < outWidth; x++) to[x] = from[(long)rows.Low[y] * width + columns.Low[x]];
            }
        }, (long)planes * outHeight * outWidth, (long)planes * height * width);
    }

    /// <summary>A line of the output, piece by piece: what lies between the two rows, and then between two columns of that.</summary>
    [SkipLocalsInit]
    private static void Line(float* above, float* below, float weight, ResampleAxis columns, float* to, KernelSet set)
    {
        var between = stackalloc float[Piece];
        for (var x = 0; x < columns.Low.Length;)
        {
            var (first, end) = (columns.Low[x], x);
            while (end < columns.Low.Length && columns.Low[end] >= first && columns.High[end] < first + Piece) end++;
            var last = first;
            for (var i = x; i < end; i++) last = Math.Max(last, columns.High[i]);
            Between(above + first, below + first, weight, between, last - first + 1, set);
            for (; x < end; x++)
                to[x] = between[columns.Low[x] - first] * (1 - columns.Weight[x]) + between[columns.High[x] - first] * columns.Weight[x];
        }
    }

    private static void Between(float* a, float* b, float weight, float* to, int count, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
        {
            var (share, rest) = (new Vector<float>(weight), new Vector<float>(1 - weight));
            for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
                *(Vector<float>*)(to + i) = *(Vector<float>*)(a + i) * rest + *(Vector<float>*)(b + i) * share;
        }
        for (; i < count; i++) to[i] = a[i] * (1 - weight) + b[i] * weight;
    }
}
