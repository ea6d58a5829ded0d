using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>
/// Reductions along groups of axes. Where what is reduced lies side by side, 16 partial results are made, of each sixteenth
/// element, and then joined in halves: an order that vectors of any length follow. Otherwise whole lines are joined one after the other.
/// </summary>
internal static unsafe class FloatReductions
{
    private const int Lanes = 16;

    /// <summary>Reduces the axes that are marked.</summary>
    public static DenseKernel Reduce(string kind, int[] shape, bool[] isReduced)
    {
        // Neighbours that are both reduced or both not are one axis.
        var axes = new List<(int Length, bool IsReduced)>();
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (axes.Count > 0 && axes[^1].IsReduced == isReduced[axis]) axes[^1] = (checked(axes[^1].Length * shape[axis]), isReduced[axis]);
            else axes.Add((shape[axis], isReduced[axis]));
        }
        var reduction = kind switch { "ReduceMax" => Reduction.Max, "ReduceMin" => Reduction.Min, _ => Reduction.Sum };
        var (outputs, count) = (Of(axes, false), Of(axes, true));
        return DenseKernel.OfFloats((inputs, output, set) =>
        {
            new Span<float>(output, outputs).Fill(Start(reduction));
            Walk(inputs[0], output, axes, 0, 0, 0, outputs, reduction, set);
            if (kind == "ReduceMean") for (var i = 0; i < outputs; i++) output[i] /= count;
        }, outputs, (long)outputs * count);

        static int Of(List<(int Length, bool IsReduced)> axes, bool reduced) =>
            Sizes.Product([.. axes.Where(a => a.IsReduced == reduced).Select(a => a.Length)]);
    }

    /// <summary>LayerNormalization over the last so many elements.</summary>
    public static DenseKernel LayerNorm(int rows, int length, float epsilon, bool hasBias) => DenseKernel.OfFloats((inputs, output, set) =>
    {
        for (var row = 0; row < rows; row++)
        {
            var x = inputs[0] + (long)row * length;
            var y = output + (long)row * length;
            var mean = DoubleSum(x, length, 0, false, set) / length;
            var scale = 1 / Math.Sqrt(DoubleSum(x, length, mean, true, set) / length + epsilon);
            Normalize(x, y, length, mean, scale, inputs[1], hasBias ? inputs[2] : null, set);
        }
    }, (long)rows * length, [(long)rows * length, length, .. hasBias ? new long[] { length } : []]);

    /// <summary>BatchNormalization with known statistics: inputs x, scale, bias, mean, variance.</summary>
    public static DenseKernel BatchNorm(int images, int channels, int inner, float epsilon) => DenseKernel.OfFloats((inputs, output, set) =>
    {
        for (var n = 0; n < images * channels; n++)
        {
            var c = n % channels;
            var scale = inputs[1][c] / MathF.Sqrt(inputs[4][c] + epsilon);
            var shift = inputs[2][c] - inputs[3][c] * scale;
            for (var i = 0; i < inner; i++) output[(long)n * inner + i] = inputs[0][(long)n * inner + i] * scale + shift;
        }
    }, (long)images * channels * inner, (long)images * channels * inner, channels, channels, channels, channels);

    /// <summary>The greatest of a run.</summary>
    public static float Greatest(float* x, int count, KernelSet set) => OfRun(x, count, Reduction.Max, set);

    /// <summary>The sum of a run.</summary>
    public static float Sum(float* x, int count, KernelSet set) => OfRun(x, count, Reduction.Sum, set);

    private enum Reduction
    {
        Sum,
        Max,
        Min,
    }

    private static void Walk(float* x, float* y, List<(int Length, bool IsReduced)> axes, int axis, long from, long to, long room,
        Reduction reduction, KernelSet set)
    {
        var (length, isReduced) = axes.Count > 0 ? axes[axis] : (1, false);
        var step = 1L;
        for (var a = axis + 1; a < axes.Count; a++) step *= axes[a].Length;
        if (!isReduced) room /= length;
        if (axis >= axes.Count - 1)
        {
            if (isReduced) y[to] = Join(y[to], OfRun(x + from, length, reduction, set), reduction);
            else if (reduction is Reduction.Sum) FloatLines.Add(y + to, x + from, length, set);
            else FloatLines.Select(y + to, x + from, length, reduction is Reduction.Max, set);
            return;
        }
        for (var i = 0; i < length; i++) Walk(x, y, axes, axis + 1, from + i * step, isReduced ? to : to + i * room, room, reduction, set);
    }

    private static float Start(Reduction reduction) =>
        reduction switch { Reduction.Max => float.NegativeInfinity, Reduction.Min => float.PositiveInfinity, _ => 0 };

    private static float Join(float a, float b, Reduction reduction) =>
        reduction switch { Reduction.Max => MathF.Max(a, b), Reduction.Min => MathF.Min(a, b), _ => a + b };

    [SkipLocalsInit]
    private static float OfRun(float* x, int count, Reduction reduction, KernelSet set)
    {
        var lanes = stackalloc float[Lanes];
        new Span<float>(lanes, Lanes).Fill(Start(reduction));
        var i = 0;
        if (FloatVectors.Serve(set))
        {
            var joined = Vector512.Load(lanes);
            for (; i <= count - Lanes; i += Lanes)
            {
                var next = Vector512.Load(x + i);
                joined = reduction switch
                {
                    Reduction.Max => Vector512.Max(joined, next),
                    Reduction.Min => Vector512.Min(joined, next),
                    _ => joined + next,
                };
            }
            joined.Store(lanes);
        }
        for (; i < count; i++) lanes[i % Lanes] = Join(lanes[i % Lanes], x[i], reduction);
        for (var half = Lanes / 2; half > 0; half /= 2)
            for (var lane = 0; lane < half; lane++) lanes[lane] = Join(lanes[lane], lanes[lane + half], reduction);
        return lanes[0];
    }

    /// <summary>The sum of x − mean, or of its squares, in eight partial sums of doubles.</summary>
    [SkipLocalsInit]
    private static double DoubleSum(float* x, int count, double mean, bool isSquared, KernelSet set)
    {
        var lanes = stackalloc double[8];
        new Span<double>(lanes, 8).Clear();
        var i = 0;
        if (FloatVectors.Serve(set))
        {
            var (sums, center) = (Vector512<double>.Zero, Vector512.Create(mean));
            for (; i <= count - 8; i += 8)
            {
                var (low, high) = Vector256.Widen(Vector256.Load(x + i));
                var difference = Vector512.Create(low, high) - center;
                sums += isSquared ? difference * difference : difference;
            }
            sums.Store(lanes);
        }
        for (; i < count; i++) lanes[i % 8] += isSquared ? (x[i] - mean) * (x[i] - mean) : x[i] - mean;
        return (lanes[0] + lanes[4] + (lanes[2] + lanes[6])) + (lanes[1] + lanes[5] + (lanes[3] + lanes[7]));
    }

    private static void Normalize(float* x, float* y, int count, double mean, double scale, float* factor, float* bias, KernelSet set)
    {
        var i = 0;
        if (FloatVectors.Serve(set))
        {
            var (center, scales) = (Vector512.Create(mean), Vector512.Create(scale));
            for (; i <= count - 8; i += 8)
            {
                var (low, high) = Vector256.Widen(Vector256.Load(x + i));
                var real = (Vector512.Create(low, high) - center) * scales;
                var narrow = Vector256.Narrow(real.GetLower(), real.GetUpper()) * Vector256.Load(factor + i);
                (bias is null ? narrow : narrow + Vector256.Load(bias + i)).Store(y + i);
            }
        }
        for (; i < count; i++)
        {
            var real = (float)((x[i] - mean) * scale) * factor[i];
            y[i] = bias is null ? real : real + bias[i];
        }
    }
}
