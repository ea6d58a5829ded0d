using System.Numerics;
using System.Runtime.Intrinsics;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Operators whose result is the exact 32-bit sum itself, and quantization whose scale comes from the data: written as
/// their definitions in the standard, on dense tensors in ONNX order.</summary>
internal static unsafe class IntegerSums
{
    /// <summary>ConvInteger of weights that are computed: <c>Σ (x − z_x)·(w − z_w)</c>; padding stands for 0 and adds nothing.</summary>
    public static DenseKernel Conv(int[] x, int[] weights, int[] y, Window window, int groups, int zeroX, int zeroW)
    {
        var (height, width, outHeight, outWidth) = x.Length == 3 ? (1, x[2], 1, y[2]) : (x[2], x[3], y[2], y[3]);
        var (perIn, perOut) = (weights[1], weights[0] / groups);
        return new((inputs, output, _) =>
        {
            for (var at = 0; at < y[0] * y[1] * outHeight * outWidth; at++)
            {
                var (rest, ox) = Math.DivRem(at, outWidth);
                (rest, var oy) = Math.DivRem(rest, outHeight);
                var (image, o) = Math.DivRem(rest, y[1]);
                var sum = 0;
                for (var c = 0; c < perIn; c++)
                {
                    var plane = (byte*)inputs[0] + ((long)image * x[1] + o / perOut * perIn + c) * height * width;
                    var kernel = (byte*)inputs[1] + ((long)o * perIn + c) * window.KernelHeight * window.KernelWidth;
                    for (var ky = 0; ky < window.KernelHeight; ky++)
                    {
                        var iy = oy * window.StrideY - window.Top + ky * window.DilationY;
                        for (var kx = 0; kx < window.KernelWidth; kx++)
                        {
                            var ix = ox * window.StrideX - window.Left + kx * window.DilationX;
                            if ((uint)iy < (uint)height && (uint)ix < (uint)width)
                                sum += (plane[(long)iy * width + ix] - zeroX) * (kernel[ky * window.KernelWidth + kx] - zeroW);
                        }
                    }
                }
                ((int*)output)[at] = sum;
            }
        }, (long)Sizes.Product(y) * sizeof(int), (((y[0] - 1L) * x[1]) + ((y[1] - 1L) / perOut + 1) * perIn) * height * width,
            (long)y[1] * perIn * window.KernelHeight * window.KernelWidth);
    }

    /// <summary>The bytes of DynamicQuantizeLinear.</summary>
    public static DenseKernel DynamicBytes(int count) => new((inputs, output, _) =>
    {
        var scale = DynamicScaleOf(inputs[0], count);
        float* x = inputs[0];
        var bytes = (byte*)output;
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var low = Vector128.Narrow(LevelsOf(x + i, scale), LevelsOf(x + i + 4, scale));
            Vector128.Narrow(low, Vector128.Narrow(LevelsOf(x + i + 8, scale), LevelsOf(x + i + 12, scale))).Store(bytes + i);
        }
        for (; i < count; i++) bytes[i] = scale.Quantize(x[i]);
    }, count, (long)count * sizeof(float));

    /// <summary>The scale of DynamicQuantizeLinear.</summary>
    public static DenseKernel DynamicScale(int count) =>
        DenseKernel.OfFloats((inputs, output, _) => *output = DynamicScaleOf(inputs[0], count).Scale, 1, count);

    /// <summary>The zero point of DynamicQuantizeLinear.</summary>
    public static DenseKernel DynamicZeroPoint(int count) =>
        new((inputs, output, _) => *(byte*)output = DynamicScaleOf(inputs[0], count).ZeroPoint, 1, (long)count * sizeof(float));

    /// <summary>Sums <c>Σ a·w</c> made <c>Σ (a − z)·w</c>, where z is one byte that is computed.</summary>
    /// <param name="count">Number of sums.</param>
    /// <param name="columns">The sum of the weights of each of the last axis.</param>
    public static DenseKernel WithoutZeroPoint(int count, int[] columns) => new((inputs, output, _) =>
    {
        int* sums = (int*)inputs[0], results = (int*)output;
        int zero = *(byte*)inputs[1];
        fixed (int* column = columns)
        {
            for (var at = 0; at < count; at += columns.Length)
            {
                // Whole vectors of a row, then what is left of it; the sums wrap as int32 does, and so do the differences.
                var i = 0;
                for (; i + Vector<int>.Count <= columns.Length; i += Vector<int>.Count)
                    (Vector.Load(sums + at + i) - Vector.Load(column + i) * zero).Store(results + at + i);
                for (; i < columns.Length; i++) results[at + i] = sums[at + i] - column[i] * zero;
            }
        }
    }, (long)count * sizeof(int), (long)count * sizeof(int), 1);

    /// <summary>The same where so many sums of one output lie side by side.</summary>
    /// <param name="count">Number of sums.</param>
    /// <param name="outputs">The sum of the weights of each output.</param>
    /// <param name="inner">Sums of one output.</param>
    public static DenseKernel WithoutZeroPoint(int count, int[] outputs, int inner) => new((inputs, output, _) =>
    {
        int* sums = (int*)inputs[0], results = (int*)output;
        int zero = *(byte*)inputs[1];
        for (var (at, channel) = (0, 0); at < count; at += inner, channel = (channel + 1) % outputs.Length)
        {
            var away = unchecked(outputs[channel] * zero);
            for (var i = 0; i < inner; i++) results[at + i] = unchecked(sums[at + i] - away);
        }
    }, (long)count * sizeof(int), (long)count * sizeof(int), 1);

    /// <summary>Images with a border of one byte that is computed.</summary>
    public static DenseKernel Padded(int[] x, Window window)
    {
        var (planes, height, width) = (x[0] * x[1], x.Length == 3 ? 1 : x[2], x[^1]);
        var (rows, columns) = (height + window.Top + window.Bottom, width + window.Left + window.Right);
        return new((inputs, output, _) =>
        {
            byte* from = (byte*)inputs[0], to = (byte*)output;
            new Span<byte>(to, planes * rows * columns).Fill(*(byte*)inputs[1]);
            for (var plane = 0L; plane < planes; plane++)
                for (var row = 0; row < height; row++)
                    Buffer.MemoryCopy(from + (plane * height + row) * width,
                        to + (plane * rows + row + window.Top) * columns + window.Left, width, width);
        }, checked((long)planes * rows * columns), (long)planes * height * width, 1);
    }

    /// <summary>Sums as real numbers.</summary>
    public static DenseKernel ToFloats(int count) => DenseKernel.OfFloats((inputs, output, _) =>
    {
        for (var i = 0; i < count; i++) output[i] = ((int*)inputs[0])[i];
    }, count, count);

    /// <summary>Four bytes as <see cref="ByteScale.Quantize"/> makes them: bounded before the conversion, so that nothing overflows.</summary>
    private static Vector128<uint> LevelsOf(float* x, ByteScale scale)
    {
        var q = Vector128.Round(Vector128.Load(x) / scale.Scale) + Vector128.Create((float)scale.ZeroPoint);
        q = Vector128.ConditionalSelect(Vector128.GreaterThan(q, Vector128<float>.Zero), q, Vector128<float>.Zero);
        return Vector128.ConvertToInt32(Vector128.Min(q, Vector128.Create(255f))).AsUInt32();
    }

    private static ByteScale DynamicScaleOf(float* x, int count)
    {
        var (low, high, i) = (Vector128<float>.Zero, Vector128<float>.Zero, 0); // The range always holds 0.
        for (; i <= count - 4; i += 4) (low, high) = (Vector128.Min(low, Vector128.Load(x + i)), Vector128.Max(high, Vector128.Load(x + i)));
        float min = 0, max = 0;
        for (var lane = 0; lane < 4; lane++) (min, max) = (MathF.Min(min, low[lane]), MathF.Max(max, high[lane]));
        for (; i < count; i++) (min, max) = (MathF.Min(min, x[i]), MathF.Max(max, x[i]));
        var scale = max == min ? 1 : (max - min) / 255;
        return new ByteScale(scale, (byte)MathF.Round(Math.Clamp(-min / scale, 0, 255), MidpointRounding.ToEven));
    }
}
