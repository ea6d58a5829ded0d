using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Matrix products, convolutions and pools in float32, written as their definitions: for what a network leaves
/// float, not for speed.</summary>
internal static unsafe class FloatLinear
{
    /// <summary>Batched matrix product; the offsets say where each batch's matrices begin.</summary>
    public static DenseKernel MatMul(int[] offsetsA, int[] offsetsB, int rows, int inner, int columns) => new((inputs, output) =>
    {
        for (var batch = 0; batch < offsetsA.Length; batch++)
        {
            var a = inputs[0] + offsetsA[batch];
            var b = inputs[1] + offsetsB[batch];
            var y = output + (long)batch * rows * columns;
            for (var row = 0; row < rows; row++)
            {
                var line = new Span<float>(y + (long)row * columns, columns);
                line.Clear();
                for (var k = 0; k < inner; k++)
                {
                    var x = a[(long)row * inner + k];
                    for (var c = 0; c < columns; c++) line[c] += x * b[(long)k * columns + c];
                }
            }
        }
    }, (long)offsetsA.Length * rows * columns * sizeof(float), BatchOffsets.Span(offsetsA, (long)rows * inner, sizeof(float)).High,
        BatchOffsets.Span(offsetsB, (long)inner * columns, sizeof(float)).High);

    /// <summary><c>alpha·A·B + beta·C</c>; strides say how A and B are walked, and how C is broadcast.</summary>
    public static DenseKernel Gemm(int rows, int inner, int columns, bool transA, bool transB, float alpha, float beta, int rowStepC, int columnStepC,
        bool hasC)
    {
        var readsC = hasC && beta != 0;
        var ofC = readsC ? (rows - 1L) * rowStepC + (columns - 1L) * columnStepC + 1 : 0;
        return DenseKernel.OfFloats((inputs, output) =>
        {
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                {
                    float sum = 0;
                    for (var k = 0; k < inner; k++)
                        sum += inputs[0][transA ? (long)k * rows + row : (long)row * inner + k] * inputs[1][transB
                            ? (long)column * inner + k : (long)k * columns + column];
                    sum *= alpha;
                    if (readsC) sum += beta * inputs[2][row * rowStepC + column * columnStepC];
                    output[(long)row * columns + column] = sum;
                }
            }
        }, (long)rows * columns, [(long)rows * inner, (long)inner * columns, .. hasC ? new[] { ofC } : []]);
    }

    /// <summary>A convolution of N×C×H×W.</summary>
    public static DenseKernel Conv(int[] x, int[] weights, int[] y, Window window, int groups, bool hasBias)
    {
        var (height, width, outHeight, outWidth) = Plane(x, y);
        var (perIn, perOut) = (weights[1], weights[0] / groups);
        return DenseKernel.OfFloats((inputs, output) =>
        {
            for (var at = 0; at < y[0] * y[1] * outHeight * outWidth; at++)
            {
                var (rest, ox) = Math.DivRem(at, outWidth);
                (rest, var oy) = Math.DivRem(rest, outHeight);
                var (image, o) = Math.DivRem(rest, y[1]);
                var sum = hasBias ? inputs[2][o] : 0;
                for (var c = 0; c < perIn; c++)
                {
                    var plane = inputs[0] + ((long)image * x[1] + o / perOut * perIn + c) * height * width;
                    var kernel = inputs[1] + ((long)o * perIn + c) * window.KernelHeight * window.KernelWidth;
                    for (var ky = 0; ky < window.KernelHeight; ky++)
                    {
                        var iy = oy * window.StrideY - window.Top + ky * window.DilationY;
                        if ((uint)iy >= (uint)height) continue;
                        for (var kx = 0; kx < window.KernelWidth; kx++)
                        {
                            var ix = ox * window.StrideX - window.Left + kx * window.DilationX;
                            if ((uint)ix < (uint)width) sum += plane[(long)iy * width + ix] * kernel[ky * window.KernelWidth + kx];
                        }
                    }
                }
                output[at] = sum;
            }
        }, Count(y), [(((y[0] - 1L) * x[1]) + ((y[1] - 1L) / perOut + 1) * perIn) * height * width,
            (long)y[1] * perIn * window.KernelHeight * window.KernelWidth, .. hasBias ? new long[] { y[1] } : []]);
    }

    /// <summary>MaxPool or AveragePool of N×C×H×W.</summary>
    public static DenseKernel Pool(int[] x, int[] y, Window window, bool isMax, bool countsPads)
    {
        var (height, width, outHeight, outWidth) = Plane(x, y);
        return DenseKernel.OfFloats((inputs, output) =>
        {
            for (var at = 0; at < y[0] * y[1] * outHeight * outWidth; at++)
            {
                var (rest, ox) = Math.DivRem(at, outWidth);
                var (plane, oy) = Math.DivRem(rest, outHeight);
                var (result, count) = (isMax ? float.NegativeInfinity : 0f, 0);
                for (var ky = 0; ky < window.KernelHeight; ky++)
                {
                    var iy = oy * window.StrideY - window.Top + ky * window.DilationY;
                    for (var kx = 0; kx < window.KernelWidth; kx++)
                    {
                        var ix = ox * window.StrideX - window.Left + kx * window.DilationX;
                        if ((uint)iy >= (uint)height || (uint)ix >= (uint)width) continue;
                        var value = inputs[0][((long)plane * height + iy) * width + ix];
                        result = isMax ? MathF.Max(result, value) : result + value;
                        count++;
                    }
                }
                output[at] = isMax ? result : result / (countsPads ? window.KernelHeight * window.KernelWidth : Math.Max(1, count));
            }
        }, Count(y), (long)y[0] * y[1] * height * width);
    }

    private static long Count(int[] shape) => Sizes.Product(shape);

    private static (int Height, int Width, int OutHeight, int OutWidth) Plane(int[] x, int[] y) =>
        x.Length == 3 ? (1, x[2], 1, y[2]) : (x[2], x[3], y[2], y[3]);
}
