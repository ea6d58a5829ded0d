using System.Numerics.Tensors;

namespace Caliper.Recovery;

/// <summary>
/// Looks for the very best integers of a few weights, plane by plane from the nearest on, and turns back where what is lost already is
/// more than the best whole has lost (C. P. Schnorr and M. Euchner, "Lattice basis reduction", 1994). The 9 or 25 taps of a depthwise
/// convolution are few enough; the number of steps is bounded all the same, and what was found until then is kept.
/// </summary>
internal sealed class LatticeSearch
{
    /// <summary>Most weights that it is worth while for.</summary>
    public const int MostWeights = 32;

    private readonly QuadraticForm _form;
    private readonly double[] _weights;
    private readonly int _min, _max;
    private readonly int[] _trial, _best;
    private readonly double[] _errors;
    private double _least;
    private int _steps;

    private LatticeSearch(QuadraticForm form, double[] weights, int min, int max, int[] best, double least, int steps)
    {
        (_form, _weights, _min, _max, _best, _least, _steps) = (form, weights, min, max, best, least, steps);
        (_trial, _errors) = (new int[best.Length], new double[best.Length]);
    }

    /// <summary>Improves rounded weights in place.</summary>
    /// <param name="form">What errors cost.</param>
    /// <param name="weights">The weights in steps of their scale.</param>
    /// <param name="min">Least integer.</param>
    /// <param name="max">Greatest integer.</param>
    /// <param name="integers">The best known, and what is found.</param>
    /// <param name="least">The squared error of the best known, in steps squared.</param>
    /// <param name="steps">How many integers to try.</param>
    /// <returns>The squared error of what is found.</returns>
    public static double Improve(QuadraticForm form, double[] weights, int min, int max, int[] integers, double least, int steps)
    {
        var search = new LatticeSearch(form, weights, min, max, integers, least, steps);
        search.Try(form.Length - 1, 0);
        return search._least;
    }

    private void Try(int index, double lost)
    {
        if (index < 0)
        {
            // Not for a gain that is rounding noise.
            if (lost >= _least * (1 - 1e-12)) return;
            _least = lost;
            _trial.CopyTo(_best, 0);
            return;
        }
        var row = _form.FactorRow(index);
        var wanted = _weights[index] + TensorPrimitives.Dot(row[1..], _errors.AsSpan(index + 1)) / row[0];
        var nearest = (int)Math.Clamp(Math.Round(wanted), _min, _max);
        var (below, above) = (nearest - 1, nearest + 1);
        for (var integer = nearest; _steps-- > 0;)
        {
            var left = row[0] * (wanted - integer);
            if (lost + left * left >= _least) return;
            _trial[index] = integer;
            _errors[index] = _weights[index] - integer;
            Try(index - 1, lost + left * left);
            if (below < _min && above > _max) return;
            integer = above > _max || (below >= _min && wanted - below < above - wanted) ? below-- : above++;
        }
    }
}
