using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// The best of all windows: every scale on a fine geometric grid, from that of the whole range down to where what is cut off
/// alone costs more than the best so far, with every zero point. Then finer scales about the best ones.
/// </summary>
internal sealed class WindowSearch
{
    private const int ScalesPerOctave = 32, MostOctaves = 60, ScalesRefined = 6, PartsPerScale = 4;

    /// <summary>Beyond this the grid is so fine that there is nothing to gain.</summary>
    private const int MostSteps = 4095;

    /// <summary>Scales whose error is this close to the least may have a better one next to them.</summary>
    private const double WorthRefining = 1.03;

    private readonly ErrorCurve _below, _above;
    private readonly double[] _belowErrors, _aboveErrors;
    private readonly int _steps;
    private readonly int? _symmetricBelow;
    private double _worst;

    private WindowSearch(ErrorCurve below, ErrorCurve above, QuantizedType type, bool symmetric)
    {
        (_below, _above, _steps) = (below, above, type.Max - type.Min);
        _symmetricBelow = symmetric ? RangeRule.SymmetricZeroPoint(type) - type.Min : null;
        (_belowErrors, _aboveErrors) = (new double[_steps + 1], new double[_steps + 1]);
    }

    /// <summary>The best range for values whose errors cost what the curves say; never worse, by the curves, than the whole
    /// range.</summary>
    public static RealRange Best(ErrorCurve below, ErrorCurve above, QuantizedType type, bool symmetric)
    {
        var (min, max) = ((float)-below.Greatest, (float)above.Greatest);
        var widest = QuantizedWindow.ScaleOf(min, max, type, symmetric);
        // Near the greatest float there is no room to search in, and below the least scale there is no use.
        if (type.Levels - 1 > MostSteps || widest < RangeRule.LeastScale || widest * (type.Levels + 8) > float.MaxValue) return (min, max);
        var search = new WindowSearch(below, above, type, symmetric);
        var wholeBelow = search._symmetricBelow ?? (int)Math.Round(below.Greatest / widest);
        search._worst = below.RoundingAtMost(widest) + above.RoundingAtMost(widest)
            + below.Beyond(wholeBelow * widest) + above.Beyond((search._steps - wholeBelow) * widest);
        // The last digits of a scale that is rounded to float32.
        search._worst *= 1.0001;
        var whole = search.Evaluate((float)widest, wholeBelow);
        var best = search.Find(widest).WithShortScale();
        return best.Scale >= RangeRule.LeastScale && search.Evaluate(best.Scale, best.Below).Error < whole.Error
            ? best.Range(symmetric)
            : (min, max);
    }

    private QuantizedWindow Find(double widest)
    {
        // A little wider than the range, because the zero point is an integer.
        var scales = new List<QuantizedWindow>();
        var best = Evaluate(widest);
        for (var i = -1; i < MostOctaves * ScalesPerOctave; i++)
        {
            var window = Evaluate(widest * Math.Pow(2, -(double)i / ScalesPerOctave));
            if (window.Error < best.Error) best = window;
            _worst = Math.Min(_worst, best.Error * WorthRefining);
            scales.Add(window);
            if (i % ScalesPerOctave == 0 && LeastBeyond(window.Scale) >= best.Error) break;
        }
        var close = scales.Where(s => s.Error <= best.Error * WorthRefining).OrderBy(s => s.Error).Take(ScalesRefined).ToArray();
        foreach (var scale in close) best = Refined(best, scale.Scale, ScalesPerOctave * PartsPerScale);
        return Refined(best, best.Scale, ScalesPerOctave * PartsPerScale * PartsPerScale);
    }

    /// <summary>The best of a window and those with scales next to another.</summary>
    private QuantizedWindow Refined(QuantizedWindow best, double scale, int scalesPerOctave)
    {
        for (var i = -PartsPerScale; i <= PartsPerScale; i++)
        {
            if (i == 0) continue;
            var window = Evaluate(scale * Math.Pow(2, (double)i / scalesPerOctave));
            if (window.Error < best.Error) best = window;
        }
        return best;
    }

    /// <summary>The best window with a scale.</summary>
    private QuantizedWindow Evaluate(double scale, int? below = null)
    {
        _below.Fill(scale, _worst, _belowErrors);
        _above.Fill(scale, _worst, _aboveErrors);
        below ??= _symmetricBelow;
        if (below is { } known) return new(scale, known, _steps - known, _belowErrors[known] + _aboveErrors[_steps - known]);
        var best = new QuantizedWindow(scale, 0, _steps, double.PositiveInfinity);
        for (var i = 0; i <= _steps; i++)
        {
            var error = _belowErrors[i] + _aboveErrors[_steps - i];
            if (error < best.Error) best = new(scale, i, _steps - i, error);
        }
        return best;
    }

    /// <summary>The least that windows with this scale or a smaller one cut off.</summary>
    private double LeastBeyond(double scale)
    {
        if (_symmetricBelow is { } known) return _below.Beyond(known * scale) + _above.Beyond((_steps - known) * scale);
        _below.FillBeyond(scale, _worst, _belowErrors);
        _above.FillBeyond(scale, _worst, _aboveErrors);
        var least = double.PositiveInfinity;
        for (var i = 0; i <= _steps; i++) least = Math.Min(least, _belowErrors[i] + _aboveErrors[_steps - i]);
        return least;
    }
}
