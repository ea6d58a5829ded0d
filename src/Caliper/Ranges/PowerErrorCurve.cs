using System.Numerics.Tensors;

namespace Caliper.Ranges;

/// <summary>
/// Errors to the power p. Rounding: the distance to the nearest multiple of the scale rises and falls linearly, so that a bin
/// is cut at multiples of half a scale and each part integrated through a table of ∫xᵖ. Cutting off: ∫(x - t)ᵖ depends on the
/// end t only and not on the scale; it is computed at 32 ends an octave, on demand, and its p-th root, which is almost a
/// straight line, is interpolated.
/// </summary>
internal sealed class PowerErrorCurve : ErrorCurve
{
    private const int TableSize = 2048, EndsPerOctave = 32;

    private readonly double _power;
    private readonly double[] _integral = new double[TableSize / 2 + 2];
    private readonly double[] _lower, _width, _count, _errorAtZero, _middles, _distances;
    private readonly Dictionary<int, double> _roots = [];

    public PowerErrorCurve(MagnitudeMoments magnitudes, double power) : base(magnitudes)
    {
        _power = power;
        for (var i = 0; i < _integral.Length; i++) _integral[i] = Antiderivative((double)i / TableSize);
        var bins = magnitudes.Bins.ToArray();
        _lower = [.. bins.Select(b => b.Lower)];
        _width = [.. bins.Select(b => b.Width)];
        _count = [.. bins.Select(b => b.Count)];
        _middles = [.. bins.Select(b => b.Lower + b.Width / 2)];
        _distances = new double[bins.Length];
        _errorAtZero = new double[bins.Length + 1];
        TensorPrimitives.Pow(_middles, power, _distances);
        // A bin is 1/128 of its values wide, so that its middle stands for it to five digits.
        for (var i = 0; i < bins.Length; i++) _errorAtZero[i + 1] = _errorAtZero[i] + _count[i] * _distances[i];
    }

    public override void Fill(double scale, double worst, Span<double> errors)
    {
        FillBeyond(scale, worst, errors);
        AddRounding(scale, errors);
    }

    public override double RoundingAtMost(double scale) => Magnitudes.Total.Count * Math.Pow(scale / 2, _power);

    public override double Beyond(double end)
    {
        if (end >= Greatest) return 0;
        if (end <= 0) return _errorAtZero[^1];
        var position = EndsPerOctave * Math.Log2(Greatest / end);
        var outer = (int)position;
        double outerEnd = End(outer), innerEnd = End(outer + 1);
        double outerRoot = Root(outer), innerRoot = Root(outer + 1);
        return Math.Pow(outerRoot + (innerRoot - outerRoot) * ((outerEnd - end) / (outerEnd - innerEnd)), _power);
    }

    private double End(int index) => Greatest * Math.Pow(2, -(double)index / EndsPerOctave);

    /// <summary>(∫(x - t)ᵖ)^(1/p) where t is the end of that index.</summary>
    private double Root(int index)
    {
        if (_roots.TryGetValue(index, out var root)) return root;
        var end = End(index);
        var first = Array.BinarySearch(_middles, end);
        if (first < 0) first = ~first;
        var distances = _distances.AsSpan(first);
        TensorPrimitives.Subtract(_middles.AsSpan(first), end, distances);
        TensorPrimitives.Pow(distances, _power, distances);
        root = Math.Pow(TensorPrimitives.Dot<double>(distances, _count.AsSpan(first)), 1 / _power);
        _roots.Add(index, root);
        return root;
    }

    /// <summary>Adds the errors by rounding of all values up to each multiple of the scale.</summary>
    private void AddRounding(double scale, Span<double> errors)
    {
        var perUnit = Math.Pow(scale, _power);
        var bin = Array.BinarySearch(_middles, scale / 4);
        bin = bin < 0 ? ~bin : bin;
        var sum = _errorAtZero[bin] / perUnit;
        var filled = 1;
        for (; bin < _lower.Length && filled < errors.Length; bin++)
        {
            double position = _lower[bin] / scale, end = (_lower[bin] + _width[bin]) / scale;
            while (filled < errors.Length && position > filled) errors[filled++] += sum * perUnit;
            var density = _count[bin] * scale / _width[bin];
            // Parts of a bin, each between two neighbouring multiples of half a step.
            while (position < end && filled < errors.Length)
            {
                var half = Math.Floor(2 * position);
                var cut = Math.Min((half + 1) / 2, end);
                var nearest = Math.Floor((half + 1) / 2);
                sum += density * Math.Abs(Integral(Math.Abs(cut - nearest)) - Integral(Math.Abs(position - nearest)));
                position = cut;
                if (position >= filled) errors[filled++] += sum * perUnit;
            }
            if (_width[bin] == 0) sum += _count[bin] * Math.Pow(Math.Abs(position - Math.Round(position)), _power);
        }
        for (; filled < errors.Length; filled++) errors[filled] += sum * perUnit;
    }

    /// <summary>∫₀ˣ uᵖ du for x up to ½.</summary>
    private double Integral(double x)
    {
        var position = x * TableSize;
        var index = (int)position;
        return _integral[index] + (_integral[index + 1] - _integral[index]) * (position - index);
    }

    private double Antiderivative(double x) => Math.Pow(x, _power + 1) / (_power + 1);
}
