using System.Collections.Immutable;
using Caliper.Conversion;
using Caliper.Preparation;
using Caliper.Recovery;

namespace Caliper.Search;

/// <summary>What a search found.</summary>
/// <param name="Recipe">The best recipe.</param>
/// <param name="Chosen">What it was measured to give.</param>
/// <param name="Candidates">Everything that was measured, from 8 bits everywhere on, ever more work.</param>
public sealed record SearchResult(Recipe Recipe, SearchStep Chosen, ImmutableArray<SearchCandidate> Candidates)
{
    /// <summary>The form of the network that was searched: the one to convert. Null where nothing was searched.</summary>
    public PreparedModel? Form { get; init; }

    /// <summary>What weights are rounded by, collected when it is asked for; null for each to the nearest integer.</summary>
    internal Lazy<SecondMoments>? Moments { get; init; }

    /// <summary>How to convert the network so: <c>prepared.Convert(result.Complete(options))</c>.</summary>
    /// <param name="options">The options that the search has nothing to say of; null for the defaults.</param>
    public ConvertOptions Complete(ConvertOptions? options = null) =>
        (options ?? new ConvertOptions()) with { Recipe = Recipe, Moments = Moments?.Value };

    /// <summary>There is nothing to choose: the network has no int8 tensor.</summary>
    internal static SearchResult Nothing { get; } = new(Recipe.Empty, new SearchStep(double.PositiveInfinity, 0, 0, 0, 0), []);
}

/// <summary>A point between quality and work.</summary>
/// <param name="Decibels">Signal-to-noise ratio at the worst output, measured on calibration data.</param>
/// <param name="WideShare">Share of multiply-adds that read activations of more than 8 bits, 0..1.</param>
/// <param name="FloatShare">Share of multiply-adds that keep their weights in float, 0..1.</param>
/// <param name="AddedWork">By how much the network's work grows, as a share of all of it in 8 bits; an estimate.</param>
/// <param name="Places">How many tensors have more than 8 bits.</param>
public sealed record SearchStep(double Decibels, double WideShare, double FloatShare, double AddedWork, int Places);
