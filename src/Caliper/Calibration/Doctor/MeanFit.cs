namespace Caliper.Calibration.Doctor;

/// <summary>
/// What training fixed about the channel means m of an input: each output channel of the first layer says
/// <c>responses · m = target</c>, in units of that channel's standard deviation in training. A convolution is linear, so this
/// needs no guess about the distribution; only its padding is left out.
/// </summary>
/// <param name="Responses">For each output, what 1 in an input channel adds to it.</param>
/// <param name="Targets">For each output, what the means added to it in training.</param>
internal sealed record MeanFit(double[][] Responses, double[] Targets)
{
    /// <summary>Number of input channels.</summary>
    public int Channels => Responses[0].Length;

    /// <summary>Root mean square over the outputs of how far they are from training, with inputs of these means.</summary>
    public double Misfit(IReadOnlyList<double> means) => RootMeanSquare(Errors(means));

    /// <summary>The same, when all channels may be brighter or darker together by multiples of <paramref name="brightness"/>:
    /// what is left is colour.</summary>
    public double ColourMisfit(IReadOnlyList<double> means, IReadOnlyList<double> brightness)
    {
        var errors = Errors(means);
        var change = Responses.Select(row => Dot(row, brightness)).ToArray();
        var amount = Dot(errors, change) / Math.Max(Dot(change, change), double.Epsilon);
        return RootMeanSquare([.. errors.Select((e, o) => e - (amount * change[o]))]);
    }

    /// <summary>The means that fit best (least squares) and their standard errors; null where the outputs do not determine
    /// them.</summary>
    public (double[] Means, double[] Errors)? Best()
    {
        if (Responses.Length < Channels) return null;
        var normal = Enumerable.Range(0, Channels)
            .Select(a => Enumerable.Range(0, Channels).Select(b => Responses.Sum(r => r[a] * r[b])).ToArray()).ToArray();
        if (Inverse(normal) is not { } inverse) return null;
        var right = Enumerable.Range(0, Channels).Select(c => Responses.Zip(Targets, (r, t) => r[c] * t).Sum()).ToArray();
        var means = inverse.Select(row => Dot(row, right)).ToArray();
        var freedom = Math.Max(1, Responses.Length - Channels);
        var variance = Errors(means).Sum(e => e * e) / freedom;
        return (means, [.. Enumerable.Range(0, Channels).Select(c => Math.Sqrt(variance * inverse[c][c]))]);
    }

    private double[] Errors(IReadOnlyList<double> means) => [.. Responses.Select((row, o) => Dot(row, means) - Targets[o])];

    private static double Dot(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        var sum = 0d;
        for (var i = 0; i < a.Count; i++) sum += a[i] * b[i];
        return sum;
    }

    private static double RootMeanSquare(double[] values) => Math.Sqrt(values.Sum(v => v * v) / values.Length);

    /// <summary>Gauss and Jordan's elimination of a symmetric matrix of a few rows; null where it is singular.</summary>
    private static double[][]? Inverse(double[][] matrix)
    {
        var n = matrix.Length;
        var rows = matrix.Select((row, i) => row.Concat(Enumerable.Range(0, n).Select(j => i == j ? 1d : 0)).ToArray()).ToArray();
        for (var i = 0; i < n; i++)
        {
            var pivot = Enumerable.Range(i, n - i).MaxBy(r => Math.Abs(rows[r][i]));
            (rows[i], rows[pivot]) = (rows[pivot], rows[i]);
            if (!(Math.Abs(rows[i][i]) > 1e-9 * matrix.Max(r => r.Max(Math.Abs)))) return null;
            rows[i] = [.. rows[i].Select(v => v / rows[i][i])];
            for (var r = 0; r < n; r++)
            {
                var factor = rows[r][i];
                if (r != i) rows[r] = [.. rows[r].Select((v, c) => v - (factor * rows[i][c]))];
            }
        }
        return [.. rows.Select(r => r[n..])];
    }
}
