using System.Collections.Immutable;

namespace Caliper.Search;

/// <summary>Some sources of noise that have more than 8 bits, and what that costs.</summary>
internal sealed record WideningPoint
{
    /// <summary>The sources, in the order in which they were taken.</summary>
    public ImmutableArray<NoiseSource> Taken { get; private init; } = [];

    /// <summary>Linear layers that read activations of more than 8 bits.</summary>
    public ImmutableHashSet<string> Wide { get; private init; } = [];

    /// <summary>Linear layers that keep their weights in float.</summary>
    public ImmutableHashSet<string> Floats { get; private init; } = [];

    /// <summary>The former's share of multiply-adds.</summary>
    public double WideShare { get; private init; }

    /// <summary>The latter's share of multiply-adds.</summary>
    public double FloatShare { get; private init; }

    /// <summary>Work that is added, in multiply-adds of 8 bits.</summary>
    public double Work { get; private init; }

    /// <summary>The work that one more source adds.</summary>
    public double WorkOf(NoiseSource source, NetworkWork work)
    {
        var layers = source.Layers.Where(l => !Floats.Contains(l));
        // Who multiplies a float activation has its weights in float already.
        if (source.Kind == NoiseKind.Weights && !work.HasWords) return work.Added([], layers.Where(l => !Wide.Contains(l)));
        return source.Kind == NoiseKind.Weights
            ? work.Added([], layers) - work.Added(layers.Where(Wide.Contains), [])
            : source.Floated + work.Added(layers.Where(l => !Wide.Contains(l)), []);
    }

    /// <summary>One more source.</summary>
    public WideningPoint With(NoiseSource source, NetworkWork work)
    {
        var floats = source.Kind == NoiseKind.Weights ? Floats.Union(source.Layers.Where(l => work.HasWords || !Wide.Contains(l))) : Floats;
        var wide = (source.Kind == NoiseKind.Weights ? Wide : Wide.Union(source.Layers)).Except(floats);
        return this with
        {
            Taken = Taken.Add(source),
            Wide = wide,
            Floats = floats,
            WideShare = work.ShareOf(wide),
            FloatShare = work.ShareOf(floats),
            Work = Work + WorkOf(source, work),
        };
    }

    /// <summary>How much of the limits on multiply-adds it uses up: 1 for all of one.</summary>
    public double PartOfLimits(SearchOptions options) => Part(WideShare, options.MostWide) + Part(FloatShare, options.MostFloat);

    private static double Part(double share, double limit) => share == 0 ? 0 : share / Math.Max(limit, 1e-6);

    /// <summary>Whether it is within the limits on multiply-adds.</summary>
    public bool IsWithin(SearchOptions options) => WideShare <= options.MostWide && FloatShare <= options.MostFloat;
}
