namespace Caliper.Recovery;

/// <summary>
/// The integers and the scale of one output channel: for each of some scales the integers by <see cref="NearestPlane"/>; then the best,
/// improved by <see cref="CoordinateDescent"/>, for few weights by <see cref="LatticeSearch"/>, and their scale fitted to them
/// in turn. A scale below that of the greatest weight cuts it off where all others win more by it.
/// </summary>
internal sealed class ChannelRounding
{
    private const int FewWeights = 64, MostSteps = 4096;

    /// <summary>How much of the range may be cut off at most.</summary>
    private const float LeastShare = 0.4f;

    private readonly QuadraticForm[] _forms;
    private readonly int _min, _max;
    private readonly double[][] _weights, _scaled, _errors;

    /// <param name="forms">What errors cost, block by block.</param>
    /// <param name="weights">The weights, block by block, each in the order of its form.</param>
    /// <param name="min">Least integer.</param>
    /// <param name="max">Greatest integer.</param>
    public ChannelRounding(QuadraticForm[] forms, double[][] weights, int min, int max)
    {
        (_forms, _weights, _min, _max) = (forms, weights, min, max);
        _scaled = [.. weights.Select(w => new double[w.Length])];
        _errors = [.. weights.Select(w => new double[w.Length])];
    }

    /// <summary>Integers, block by block, the scale they are steps of, and their squared error.</summary>
    internal sealed record Choice(float Scale, int[][] Integers, double Error);

    /// <summary>Finds integers whose error is not above that of the nearest ones.</summary>
    /// <param name="nearest">The nearest integers, at the scale to begin with.</param>
    /// <param name="start">That scale.</param>
    /// <param name="least">The least scale it may become; null where it may not be changed.</param>
    /// <returns>The choice, and the error of the nearest.</returns>
    public (Choice Best, double NearestError) Round(int[][] nearest, float start, float? least)
    {
        var first = new Choice(start, nearest, ErrorOf(nearest, start));
        // Nothing to win, or nothing that is a number.
        if (!(first.Error > 0) || !double.IsFinite(first.Error)) return (first, first.Error);
        var planes = Planes(start);
        if (least is not null) foreach (var scale in Scales(start).Where(s => s >= least)) planes = Least(planes, Planes(scale));
        var best = Improve(planes);
        if (IsShort) best = Least(best, Improve(first));
        if (least is { } floor) best = Fit(best, start, floor);
        if (_weights.Sum(w => w.Length) <= LatticeSearch.MostWeights)
        {
            best = Least(best, Search(best));
            if (least is { } bound) best = Fit(best, start, bound);
        }
        return (Least(first, best), first.Error);
    }

    private bool IsShort => _weights.Sum(w => w.Length) <= FewWeights;

    /// <summary>Scales below the first. To few weights it matters how each of them falls, and all are tried; for many the one that is
    /// best if errors had nothing to do with each other.</summary>
    private IEnumerable<float> Scales(float start)
    {
        var steps = IsShort ? 40 : 16;
        var scales = Enumerable.Range(1, steps - 1).Select(i => start * (1 - LeastShare * i / steps));
        return IsShort ? scales : [scales.MinBy(s => ErrorApart(s))];
    }

    private double ErrorApart(float scale)
    {
        var sum = 0.0;
        for (var b = 0; b < _weights.Length; b++)
        {
            for (var i = 0; i < _weights[b].Length; i++)
            {
                var error = _weights[b][i] - scale * Math.Clamp(Math.Round(_weights[b][i] / scale), _min, _max);
                sum += error * error * _forms[b].Diagonal(i);
            }
        }
        return sum;
    }

    private static Choice Least(Choice a, Choice b) => b.Error < a.Error ? b : a;

    private void ScaleTo(float scale)
    {
        for (var b = 0; b < _weights.Length; b++)
            for (var i = 0; i < _weights[b].Length; i++) _scaled[b][i] = _weights[b][i] / scale;
    }

    private double ErrorOf(int[][] integers, float scale)
    {
        var sum = 0.0;
        for (var b = 0; b < integers.Length; b++)
        {
            for (var i = 0; i < integers[b].Length; i++) _errors[b][i] = _weights[b][i] - (double)scale * integers[b][i];
            sum += _forms[b].Of(_errors[b]);
        }
        return sum;
    }

    private Choice Planes(float scale)
    {
        ScaleTo(scale);
        int[][] integers = [.. _weights.Select(w => new int[w.Length])];
        var error = 0.0;
        for (var b = 0; b < integers.Length; b++) error += NearestPlane.Round(_forms[b], _scaled[b], _min, _max, integers[b], _errors[b]);
        return new(scale, integers, error * scale * scale);
    }

    private Choice Improve(Choice choice)
    {
        ScaleTo(choice.Scale);
        int[][] integers = [.. choice.Integers.Select(i => (int[])i.Clone())];
        var error = 0.0;
        for (var b = 0; b < integers.Length; b++) error += CoordinateDescent.Improve(_forms[b], _scaled[b], _min, _max, integers[b]);
        return new(choice.Scale, integers, error * choice.Scale * choice.Scale);
    }

    private Choice Search(Choice choice)
    {
        ScaleTo(choice.Scale);
        int[][] integers = [.. choice.Integers.Select(i => (int[])i.Clone())];
        var square = (double)choice.Scale * choice.Scale;
        var error = 0.0;
        for (var b = 0; b < integers.Length; b++)
        {
            for (var i = 0; i < integers[b].Length; i++) _errors[b][i] = _scaled[b][i] - integers[b][i];
            error += LatticeSearch.Improve(_forms[b], _scaled[b], _min, _max, integers[b], _forms[b].Of(_errors[b]), MostSteps);
        }
        return new(choice.Scale, integers, error * square);
    }

    /// <summary>The scale of least error for these integers is a quotient of two sums; then the integers for that scale, and so on.</summary>
    private Choice Fit(Choice best, float start, float least)
    {
        for (var fit = 0; fit < (IsShort ? 4 : 1); fit++)
        {
            var (product, square) = (0.0, 0.0);
            for (var b = 0; b < _weights.Length; b++)
            {
                double[] integers = [.. best.Integers[b].Select(i => (double)i)];
                _forms[b].Multiply(integers, _errors[b]);
                for (var i = 0; i < integers.Length; i++)
                {
                    product += _errors[b][i] * _weights[b][i];
                    square += _errors[b][i] * integers[i];
                }
            }
            var scale = (float)(product / square);
            if (!(scale >= least && scale > start / 4 && scale < start * 2)) break;
            var next = Improve(new(scale, best.Integers, 0));
            if (next.Error >= best.Error) break;
            best = next;
        }
        return best;
    }
}
