using System.Collections.Immutable;
using Caliper.DataFree;
using Caliper.Tool.Options;

namespace Caliper.Tool.Reports;

/// <summary>What a network was quantized by where no data calibrated it.</summary>
/// <param name="Input">What its inputs are taken to be.</param>
/// <param name="PredictedSqnrDecibels">Signal-to-quantization-noise ratio that is foretold, by output, in dB; outputs of which nothing is are left
/// out.</param>
/// <param name="PredictedErrors">The same as a root-mean-square error.</param>
internal sealed record DataFreeReport(
    string Input, SortedDictionary<string, double> PredictedSqnrDecibels, SortedDictionary<string, double> PredictedErrors)
{
    public static DataFreeReport Of(ImageOptions images, ImmutableArray<PredictedOutput> outputs)
    {
        var finite = outputs.Where(o => double.IsFinite(o.SqnrDecibels)).ToArray();
        return new(images == new ImageOptions() ? "normalized (mean 0, deviation 1)" : "pixels of all levels, preprocessed",
            new(finite.ToDictionary(o => o.Output, o => o.SqnrDecibels), StringComparer.Ordinal),
            new(finite.ToDictionary(o => o.Output, o => o.RootMeanSquareError), StringComparer.Ordinal));
    }
}
