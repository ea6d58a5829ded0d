using System.Globalization;
using Caliper.Evaluation;

namespace Caliper.Tool.Reports;

/// <summary>The sample that has the most of an output's noise.</summary>
/// <param name="Sample">What the data calls it.</param>
/// <param name="NoiseShare">Its part of the noise, 0..1.</param>
/// <param name="DecibelsWithout">Signal-to-quantization-noise ratio in dB of all other samples.</param>
internal sealed record NoisiestSampleReport(string Sample, double NoiseShare, double DecibelsWithout)
{
    // In dB: then the one sample says more about the ratio than all others together.
    private const double Telling = 3;

    /// <summary>By output; null where no output has one without which there would be something to tell.</summary>
    public static SortedDictionary<string, NoisiestSampleReport>? Of(ComparisonResult result)
    {
        var found = Among(result).ToDictionary(o => o.Output,
            o => new NoisiestSampleReport(o.Noisiest!.Name, o.Noisiest.Share, o.Noisiest.DecibelsWithout));
        return found.Count == 0 ? null : new(found, StringComparer.Ordinal);
    }

    /// <summary>A sentence for each sample that alone makes a ratio what it is.</summary>
    public static IEnumerable<string> Tell(ComparisonResult result)
    {
        var alone = Among(result).Where(o => o.Noisiest!.DecibelsWithout >= o.Decibels + Telling);
        foreach (var sample in alone.GroupBy(o => o.Noisiest!.Name, StringComparer.Ordinal))
        {
            var outputs = sample.Select(o => string.Create(CultureInfo.InvariantCulture,
                $"{o.Noisiest!.Share:P0} of that of {o.Output}, which has {o.Noisiest.DecibelsWithout:F1} dB without it"));
            yield return $"One sample, '{sample.Key}', has most of the noise: {string.Join(", ", outputs)}. Look at it: it may be of another "
                + "kind than what calibrated, or reach further.";
        }
    }

    private static IEnumerable<OutputSqnr> Among(ComparisonResult result) =>
        result.Sqnr.Where(o => o.Noisiest is { DecibelsWithout: var without } && double.IsFinite(without));
}
