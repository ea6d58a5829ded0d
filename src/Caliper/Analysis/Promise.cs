using Caliper.Analysis.Switching;

namespace Caliper.Analysis;

/// <summary>What a change is worth at the first output, measured on as many samples as that takes.</summary>
/// <param name="Gain">By how many decibels the noise falls.</param>
/// <param name="Error">Twice the standard error of the gain, in dB: how far it may be off on all samples.</param>
/// <param name="LossNow">By how much the mean loss exceeds the float network's; null without labels.</param>
/// <param name="LossMended">The same with the change.</param>
/// <param name="LossError">Twice the standard error of what lies between the two; 0 without labels.</param>
internal readonly record struct Promise(double Gain, double Error, double? LossNow, double? LossMended, double LossError)
{
    // In dB: what a promise may be off.
    private const double Within = 0.5;

    private const int FirstRound = 16;

    /// <summary>Whether more samples would not tell more than one has to know.</summary>
    public bool IsSettled => Error <= Within / 2;

    /// <summary>Whether it may be made: it helps, it is known well enough, and the loss does not rise for it. A fault is mended for nothing: the
    /// loss is held against that only where it surely rises, for a network that is at fault may be lucky on a few samples.</summary>
    /// <param name="isFault">Whether mending costs nothing.</param>
    public bool Holds(bool isFault) => Gain > Error && Error <= Within && !(LossMended - LossNow > (isFault ? LossError : 0));

    /// <summary>Measures some changes together, on more and more samples until all are settled.</summary>
    /// <param name="network">The network.</param>
    /// <param name="changes">What rounds with each.</param>
    /// <param name="samples">The samples there are, evenly spaced over the data.</param>
    /// <param name="population">How many the data has; null where nobody knows.</param>
    /// <param name="isEnough">Asked between rounds: whether there is no time for another.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static Promise[] Measure(SwitchedNetwork network, Switches[] changes, IReadOnlyList<KeptSample> samples, int? population,
        Func<bool> isEnough, CancellationToken cancellationToken)
    {
        // Steps of the golden ratio: wherever one stops, what was taken is spread over all.
        KeptSample[] order = [.. samples.Index().OrderBy(s => s.Index * 0.6180339887498949 % 1).Select(s => s.Item)];
        var seen = new List<SampleEffects>();
        Promise[] promises;
        do
        {
            var next = order[seen.Count..Math.Min(order.Length, Math.Max(FirstRound, 2 * seen.Count))];
            seen.AddRange(network.MeasureEach(next, [network.AllOn, .. changes], cancellationToken));
            promises = [.. changes.Select((_, c) => Of(seen, c + 1, population))];
        }
        while (seen.Count < order.Length && !promises.All(p => p.IsSettled) && !isEnough());
        return promises;
    }

    private static Promise Of(List<SampleEffects> seen, int change, int? population)
    {
        var (before, after) = (seen.Sum(s => s.Effects[0].Noise), seen.Sum(s => s.Effects[change].Noise));
        double[] without = [.. seen.Select(s => GainOf(before - s.Effects[0].Noise, after - s.Effects[change].Noise))];
        double[] rises = [.. seen.Select(s => s.Effects[change].Loss - s.Effects[0].Loss).OfType<double>()];
        return new Promise(GainOf(before, after), 2 * ErrorOf(without, population),
            seen.Average(s => s.Effects[0].Loss), seen.Average(s => s.Effects[change].Loss), 2 * ErrorOfMean(rises));
    }

    private static double ErrorOfMean(double[] values)
    {
        if (values.Length < 2) return 0;
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
    }

    private static double GainOf(double before, double after) => Decibels.Of(before, after);

    /// <summary>The jackknife's standard error; nothing is left to chance once all samples were seen.</summary>
    private static double ErrorOf(double[] without, int? population)
    {
        var n = without.Length;
        if (population <= n || without.All(double.IsPositiveInfinity)) return 0;
        var mean = without.Average();
        var share = population is { } all ? 1 - (double)n / all : 1;
        return Math.Sqrt(share * (n - 1) / n * without.Sum(g => (g - mean) * (g - mean)));
    }
}
