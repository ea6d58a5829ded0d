using System.Collections.Immutable;

namespace Caliper.Search;

/// <summary>Some sources of noise that have more than 8 bits, and what that costs.</summary>
internal sealed record WideningPoint
{
    /// <summary>The sources, in the order in which they were taken.</summary>
    public ImmutableArray<NoiseSource> Taken { get; private init; } = [];

    /// <summary>Linear layers that read activations of 16 bits.</summary>
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
        return source.IsActivation ? source.Moved + work.Added(layers.Where(l => !Wide.Contains(l)), [], source.Elements)
            : work.Added([], layers, 0) - work.Added(layers.Where(Wide.Contains), [], 0);
    }

    /// <summary>One more source.</summary>
    public WideningPoint With(NoiseSource source, NetworkWork work)
    {
        var floats = source.IsActivation ? Floats : Floats.Union(source.Layers);
        var wide = (source.IsActivation ? Wide.Union(source.Layers) : Wide).Except(floats);
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

    /// <summary>Whether it is within the limits on multiply-adds.</summary>
    public bool IsWithin(SearchOptions options) => WideShare <= options.MostWide && FloatShare <= options.MostFloat;
}
