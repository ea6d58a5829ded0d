using System.Collections.Immutable;
using System.Globalization;
using Caliper.Analysis;
using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Preparation;

namespace Caliper.Search;

/// <summary>Takes sources of noise away in the order of what they cost, and measures what is left.</summary>
/// <param name="prepared">The network.</param>
/// <param name="matched">What is int8 in it.</param>
/// <param name="network">The same, so that each rounding can be switched.</param>
/// <param name="judges">The samples that points are measured on, where time does not end before.</param>
/// <param name="work">What more bits cost.</param>
/// <param name="options">What to reach.</param>
/// <param name="passes">How many forward passes it may take.</param>
internal sealed class NoiseSearch(PreparedModel prepared, Correspondence matched, SwitchedNetwork network, IReadOnlyList<KeptSample> judges,
    NetworkWork work, SearchOptions options, SearchPasses passes)
{
    // Points that are measured on a way from 8 bits everywhere to the limits; where each takes long, half as many.
    private const int MostPoints = 12, FewPoints = 6;

    // Beyond the limits the way is longer, and each step dear: whoever wants no more than what is enough goes it in smaller steps, a few at a time.
    private const int MostPointsBeyond = 16, SmallSteps = 32, AtATime = 4;

    // In decibels, by how much the last of a few points is to exceed what is wanted, so that it reaches that although less noise was foretold.
    private const double BeyondWanted = 1;

    // Where passes are counted: what part of those that the noise of each source has left goes into the points of each way; the rest is for what lies
    // beyond the limits.
    private const double ShareOfWay = 0.5;

    private readonly List<(WideningPoint Point, SearchStep Step)> _measured = [];
    private IReadOnlyList<KeptSample> _judges = judges;
    private WideningPath? _path;
    private (WideningPoint Point, SearchStep Step) _chosen;

    /// <summary>What was found so far.</summary>
    public SearchResult Found => new(RecipeOf(_chosen.Point), _chosen.Step,
        [.. _measured.Select(m => new SearchCandidate(m.Step, RecipeOf(m.Point)))]);

    /// <summary>Searches within the limits.</summary>
    public void Search(CancellationToken cancellationToken)
    {
        var start = options.Clock.GetTimestamp();
        bool IsEnough() => options.Budget is { } budget && options.Clock.GetElapsedTime(start) >= budget;
        var sensitivity = passes.AreCounted ? null : Sensitivity.Measure(network, matched.Weights.Length, IsEnough, cancellationToken);
        if (IsEnough()) _judges = network.Samples;
        Measure([WideningPath.Start], cancellationToken);
        _chosen = _measured[0];
        if (_chosen.Step.Decibels >= options.Aim && !options.MeasuresBeyond) return;

        sensitivity ??= Grouped(cancellationToken);
        var sources = new NoiseSources(prepared, matched, network, work, passes).Of(sensitivity, cancellationToken);
        var most = passes.TriesAll || passes.AreCounted ? MostPoints : FewPoints;
        // What is fastest, and what takes most noise away for what the limits allow.
        _path = WideningPath.Of(sources, work, options, priceOfLimits: 0);
        Go(_path, most);
        if (_measured[^1].Step.AddedWork > options.MostWork || _measured[^1].Step.Decibels < options.Least)
            Go(WideningPath.Of(sources, work, options, priceOfLimits: 1), most);
        _chosen = Chosen(StepChoice.Within);
        if (_chosen.Step.Decibels >= options.Acceptable) return;
        // A little more may be enough.
        Go(WideningPath.Of(sources, work, options.Stretched, priceOfLimits: 1), AtATime);
        _chosen = Chosen(StepChoice.Within);

        void Go(WideningPath path, int most)
        {
            var points = PointsOf(path, MoreThanForetold(path), most, options.Aim, ShareOfWay);
            // The best for little work is not far from the last for little work.
            if (!passes.AreCounted && path.LastOf(options.MostWork * work.Whole) is { } last && !points.Contains(last)) points = points.Add(last);
            Measure(points, cancellationToken);
        }
    }

    private Sensitivity Grouped(CancellationToken cancellationToken)
    {
        var local = LocalNoise.Of(prepared, matched, network, cancellationToken);
        passes.Take(network.Samples.Length);
        return GroupedNoise.Measure(network, local, work, passes, cancellationToken);
    }

    /// <summary>Where the limits leave too little, or somebody wants to choose, goes beyond them.</summary>
    public void GoBeyond(CancellationToken cancellationToken)
    {
        var isTooLittle = _chosen.Step.Decibels < options.Acceptable;
        if (_path is null || !(isTooLittle || options.MeasuresBeyond)) return;
        var more = MoreThanForetold(_path);
        _path.GoBeyond(work, options);
        if (options.MeasuresBeyond || passes.AreCounted)
            Measure(PointsOf(_path, more, MostPointsBeyond, options.MeasuresBeyond ? options.Aim : options.Least, share: 1), cancellationToken);
        else GoAsFarAs(_path, more, cancellationToken);
        if (isTooLittle) _chosen = Chosen(StepChoice.Beyond);
    }

    /// <summary>Goes on until there are enough decibels: where each point takes long, first as far as is foretold, and back to where there are just
    /// enough; then in small steps.</summary>
    private void GoAsFarAs(WideningPath path, double more, CancellationToken cancellationToken)
    {
        if (!passes.TriesAll)
        {
            Measure(PointsOf(path, more, AtATime, options.Least, share: 1), cancellationToken);
            if (_measured.FindIndex(m => m.Step.Decibels >= options.Least) is > 0 and var first)
                Measure(path.Between(_measured[first - 1].Point, _measured[first].Point, AtATime - 1), cancellationToken);
        }
        var there = _measured[^1].Point.Work;
        foreach (var points in path.Points(SmallSteps).Where(p => p.Work > there).Chunk(AtATime))
        {
            if (_measured[^1].Step.Decibels >= options.Least) break;
            Measure([.. points], cancellationToken);
        }
    }

    private double MoreThanForetold(WideningPath path) => path.MoreThanForetold(_measured.ToDictionary(m => m.Point, m => m.Step.Decibels));

    private ImmutableArray<WideningPoint> PointsOf(WideningPath path, double more, int most, double wanted, double share) => passes.TriesAll
        ? path.Points(most) : path.Towards(more, _chosen.Step.Decibels, wanted + BeyondWanted, passes.Affords(most, _judges.Count, share));

    private void Measure(ImmutableArray<WideningPoint> points, CancellationToken cancellationToken)
    {
        if (points.IsEmpty) return;
        passes.Take(_judges.Count * (1.0 + points.Length));
        var effects = network.MeasureOn(_judges, [.. points.Select(SwitchesOf)], cancellationToken);
        _measured.AddRange(points.Zip(effects, (p, e) => (p, StepOf(p, e))));
        _measured.Sort((a, b) => a.Point.Work.CompareTo(b.Point.Work));
    }

    private (WideningPoint, SearchStep) Chosen(Func<IReadOnlyList<SearchStep>, SearchOptions, SearchStep> choice)
    {
        var step = choice([.. _measured.Select(m => m.Step)], options);
        return _measured.First(m => ReferenceEquals(m.Step, step));
    }

    private Switches SwitchesOf(WideningPoint point) => point.Taken.Aggregate(network.AllOn, (all, source) => source.Kind switch
    {
        NoiseKind.Weights => all with { Weights = all.Weights.Remove(source.Index) },
        _ when source.IsAlsoMultiplied => all with
        {
            Streams = all.Streams.Union(network.Sites[source.Index].Places),
            Weights = all.Weights.Except(source.Constants),
        },
        _ => all.Without(network.Sites[source.Index].Places) with { Weights = all.Weights.Except(source.Constants) },
    });

    private SearchStep StepOf(WideningPoint point, Effect effect) => new(Decibels.Of(1, effect.WorstShare),
        point.WideShare, point.FloatShare, work.Whole == 0 ? 0 : point.Work / work.Whole, point.Taken.Length);

    private Recipe RecipeOf(WideningPoint point) => new()
    {
        // Of both kinds of one activation, the second was taken last.
        Activations = point.Taken.Where(s => s.Kind != NoiseKind.Weights).Aggregate(Recipe.Empty.Activations,
            (all, s) => all.SetItem(s.Place, s.IsAlsoMultiplied ? ChoiceOf(s, 16) with { ProductBits = 8 } : ChoiceOf(s, work.HasWords ? 16 : 32))),
        Weights = point.Taken.Where(s => s.Kind == NoiseKind.Weights)
            .ToImmutableSortedDictionary(s => s.Place, s => ChoiceOf(s, 32), StringComparer.Ordinal),
    };

    private RecipeChoice ChoiceOf(NoiseSource source, int bits)
    {
        var decibels = Decibels.Of(1, source.Share.IsEmpty ? 0 : source.Share.Max());
        var what = source switch
        {
            { Kind: NoiseKind.Weights } => "The rounding of its weights to 8 bits",
            { IsAlsoMultiplied: true } => "Its rounding to 8 bits for other layers than those that multiply it",
            _ => "Its rounding to 8 bits",
        };
        return new RecipeChoice(bits)
        {
            OutputDecibels = decibels,
            Cost = work.ShareOf(source.Layers),
            Reason = string.Create(CultureInfo.InvariantCulture, $"{what} alone leaves {decibels:F1} dB at the output."),
        };
    }
}
