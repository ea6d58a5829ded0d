using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Caliper.Observers;

/// <summary>
/// The squared error of quantizing what a histogram holds, its values taken as spread evenly over each bin. In float32 with
/// PyTorch's order of operations, because the search compares errors that lie close together.
/// </summary>
internal readonly struct HistogramError
{
    private readonly double _binWidth;
    private readonly int _levels;

    /// <summary>Creates the error of a histogram.</summary>
    /// <param name="binWidth">Real width of a bin, above zero.</param>
    /// <param name="levels">Steps that the quantized range is cut into.</param>
    public HistogramError(double binWidth, int levels)
    {
        // Errors are only compared, so the width may be scaled; by a power of two that rounds nothing, and the cubes
        // of ranges like 1e30 no longer overflow as they do in PyTorch.
        _binWidth = Math.ScaleB(binWidth, -Math.ILogB(binWidth));
        _levels = levels;
    }

    /// <summary>The error when bins <paramref name="first"/> to <paramref name="last"/> become the quantized range.</summary>
    public float Of(ReadOnlySpan<float> counts, int first, int last)
    {
        var rented = ArrayPool<float>.Shared.Rent(counts.Length);
        var errors = rented.AsSpan(0, counts.Length);
        var window = new Window(_binWidth, _binWidth * (last - first + 1) / _levels, first, _levels);
        var countVectors = MemoryMarshal.Cast<float, Vector<float>>(counts);
        var errorVectors = MemoryMarshal.Cast<float, Vector<float>>(errors);
        for (var i = 0; i < countVectors.Length; i++) errorVectors[i] = window.Error(i * Vector<float>.Count, countVectors[i]);
        for (var i = countVectors.Length * Vector<float>.Count; i < counts.Length; i++)
            errors[i] = window.Error(i, new Vector<float>(counts[i]))[0];
        var sum = Sum(errors);
        ArrayPool<float>.Shared.Return(rented);
        return sum;
    }

    // Always in the same order, whatever the width of a vector: the search must not depend on the processor.
    private static float Sum(ReadOnlySpan<float> errors)
    {
        var (sum0, sum1, sum2, sum3) = (0d, 0d, 0d, 0d);
        var i = 0;
        for (; i <= errors.Length - 4; i += 4)
        {
            sum0 += errors[i];
            sum1 += errors[i + 1];
            sum2 += errors[i + 2];
            sum3 += errors[i + 3];
        }
        for (; i < errors.Length; i++) sum0 += errors[i];
        return (float)(sum0 + sum1 + (sum2 + sum3));
    }

    /// <summary>A choice of range: its steps start where bin <c>first</c> does.</summary>
    private readonly struct Window(double binWidth, double stepWidth, int first, int levels)
    {
        private readonly Vector<float> _bin = new((float)binWidth);
        private readonly Vector<float> _step = new((float)stepWidth);
        private readonly Vector<float> _half = new((float)(stepWidth / 2));
        private readonly Vector<float> _lastStep = new(levels - 1);
        private readonly Vector<float> _first = new(first);

        /// <summary>The error of the bins from <paramref name="index"/> on, one in each lane.</summary>
        public Vector<float> Error(int index, Vector<float> counts)
        {
            var density = counts / _bin;
            var begin = (Vector.ConvertToSingle(Vector<int>.Indices + new Vector<int>(index)) - _first) * _bin;
            var end = begin + _bin;
            var stepOfBegin = StepOf(begin);
            var stepOfEnd = StepOf(end);
            // The part of the bin in its first step, the whole steps between, and the part in its last step.
            var error = density * Integral(begin - (stepOfBegin + new Vector<float>(0.5f)) * _step, _half);
            error += (stepOfEnd - stepOfBegin - Vector<float>.One) * (density * Integral(-_half, _half));
            return error + density * Integral(-_half, end - (stepOfEnd * _step + _half));
        }

        /// <summary>floor(position / step) exactly, as Python's <c>//</c>; what lies outside belongs to the outermost
        /// steps.</summary>
        private Vector<float> StepOf(Vector<float> position)
        {
            var quotient = Vector.Floor(position / _step);
            // The division rounds, so the floor can be one off; the remainder's sign, which a fused operation gets right, tells.
            var remainder = Vector.FusedMultiplyAdd(-quotient, _step, position);
            var (zero, one) = (Vector<float>.Zero, Vector<float>.One);
            quotient -= Vector.ConditionalSelect(Vector.LessThan(remainder, zero), one, zero);
            quotient += Vector.ConditionalSelect(Vector.GreaterThanOrEqual(remainder, _step), one, zero);
            return Vector.Max(Vector.Min(quotient, _lastStep), zero);
        }

        /// <summary>∫ x² dx.</summary>
        private static Vector<float> Integral(Vector<float> begin, Vector<float> end) =>
            (end * end * end - begin * begin * begin) / new Vector<float>(3);
    }
}
