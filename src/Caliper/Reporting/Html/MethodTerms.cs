using Caliper.Ranges;

namespace Caliper.Reporting.Html;

/// <summary>What the range methods are, for the glossary.</summary>
internal static class MethodTerms
{
    public static readonly Term[] All =
    [
        Of(RangeMethod.MinMax, "From the least to the greatest value.", "Nothing is clipped, and a single outlier makes every step coarser."),
        Of(RangeMethod.MeanExtremes, "The mean of the samples' least values, and of their greatest.", "One odd sample moves it little."),
        Of(RangeMethod.Percentile, "All but a small share of the values.", "99.999 leaves out one value in 100\u202f000, half of them at each end."),
        Of(RangeMethod.Entropy, "The range whose integers keep the shape of the distribution best, by Kullback-Leibler divergence.",
            "It looks at how often values occur and not at how far they are moved, so that it can clip much where tails are heavy."),
        Of(RangeMethod.Mse, "The range with the least mean squared error.",
            "Among all scales and zero points no other has a higher predicted SQNR."),
        Of(RangeMethod.Lp, "The range with the least mean of the error to some power.", "A power above 2 minds large errors more: it clips less."),
        Of(RangeMethod.Sqnr, "The range with the least squared error, where what is clipped counts more than what is rounded.",
            "The number behind the name is how much more. Large values often decide what a network answers."),
        Of(RangeMethod.Auto, "For each tensor the simplest method that is about as good as the best.",
            "It chooses among minmax, mean-extremes, percentile and mse by their predicted error; the one that it chose stands behind it."),
    ];

    /// <summary>The term of a method, whatever its parameter.</summary>
    public static Term Of(RangeMethod method) => All.First(t => t.Name == method.Name);

    private static Term Of(RangeMethod method, string shortText, string text) => new("method-" + method.Name, method.Name, shortText, text);
}
