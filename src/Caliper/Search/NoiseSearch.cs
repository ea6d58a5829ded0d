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
internal sealed class NoiseSearch(PreparedModel prepared, Correspondence matched, SwitchedNetwork network, IReadOnlyList<KeptSample> judges,
    NetworkWork work, SearchOptions options)
{
    // Points that are measured on a way from 8 bits everywhere to the limits.
    private const int MostPoints = 12;

    // Beyond the limits the way is longer, and each step dear.
    private const int MostPointsBeyond = 16;

    private readonly List<MeasuredPoint> _measured = [];
    private IReadOnlyList<KeptSample> _judges = judges;
    private WideningPath? _path;
    private MeasuredPoint? _chosen;

    /// <summary>What was found so far.</summary>
    public SearchResult Found => new(RecipeOf(_chosen!.Point), _chosen.Step,
        [.. MeasuredPoint.StepsOf(_measured).Zip(_measured, (step, m) => new SearchCandidate(step, RecipeOf(m.Point)))]);

    /// <summary>What is measured where everything has 8 bits.</summary>
    public double Start { get; private set; }

    /// <summary>Searches within the limits, unless there is too little to begin with.</summary>
    /// <param name="least">The least number of decibels with which a search is begun.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Whether it was begun.</returns>
    public bool Search(double least, CancellationToken cancellationToken)
    {
        var start = options.Clock.GetTimestamp();
        bool IsEnough() => options.Budget is { } budget && options.Clock.GetElapsedTime(start) >= budget;
        Measure([WideningPath.Start], cancellationToken);
        _chosen = Judge(0, cancellationToken);
        Start = _chosen.Step.Decibels;
        if (Start < least) return false;
        if (Start >= options.Aim && !options.MeasuresBeyond) return true;

        var sensitivity = Sensitivity.Measure(network, matched.Weights.Length, IsEnough, cancellationToken);
        if (IsEnough()) _judges = network.Samples;
        var sources = new NoiseSources(prepared, matched, network, work).Of(sensitivity, cancellationToken);
        // What is fastest, and what takes most noise away for what the limits allow.
        _path = WideningPath.Of(sources, work, options, priceOfLimits: 0);
        Measure(_path.Points(MostPoints), cancellationToken);
        var last = MeasuredPoint.StepsOf(_measured)[^1];
        if (last.AddedWork > options.MostWork || last.Decibels < options.Least)
            Measure(WideningPath.Of(sources, work, options, priceOfLimits: 1).Points(MostPoints), cancellationToken);
        _chosen = Chosen(StepChoice.Within, cancellationToken);
        return true;
    }

    /// <summary>Where the limits leave too little, or somebody wants to choose, goes beyond them.</summary>
    public void GoBeyond(CancellationToken cancellationToken)
    {
        var isTooLittle = _chosen!.Step.Decibels < options.Acceptable;
        if (_path is null || !(isTooLittle || options.MeasuresBeyond)) return;
        _path.GoBeyond(work, options);
        Measure(_path.Points(MostPointsBeyond), cancellationToken);
        if (isTooLittle) _chosen = Chosen(StepChoice.Beyond, cancellationToken);
    }

    // Whoever chooses among all of them has each judged; and where the judges are the samples, each is.
    private bool JudgesAll => options.MeasuresBeyond || _judges.Count <= network.Samples.Length;

    private void Measure(ImmutableArray<WideningPoint> points, CancellationToken cancellationToken)
    {
        var effects = network.MeasureOn(JudgesAll ? _judges : network.Samples, [.. points.Select(SwitchesOf)], cancellationToken);
        _measured.AddRange(points.Zip(effects, (p, e) => new MeasuredPoint(p, StepOf(p, e)) { IsJudged = JudgesAll }));
        _measured.Sort((a, b) => a.Point.Work.CompareTo(b.Point.Work));
    }

    private MeasuredPoint Judge(int index, CancellationToken cancellationToken)
    {
        var point = _measured[index].Point;
        return _measured[index].IsJudged ? _measured[index] : _measured[index] = _measured[index].JudgedAs(
            StepOf(point, network.MeasureOn(_judges, [SwitchesOf(point)], cancellationToken)[0]));
    }

    /// <summary>Chooses, and judges what is chosen, until what is chosen has been judged.</summary>
    private MeasuredPoint Chosen(Func<IReadOnlyList<SearchStep>, SearchOptions, SearchStep> choice, CancellationToken cancellationToken)
    {
        while (true)
        {
            var steps = MeasuredPoint.StepsOf(_measured);
            var index = steps.FindIndex(s => ReferenceEquals(s, choice(steps, options)));
            if (_measured[index].IsJudged) return _measured[index];
            Judge(index, cancellationToken);
        }
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
