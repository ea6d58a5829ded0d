using System.Collections.Immutable;
using Caliper.Analysis;
using Caliper.Analysis.Switching;

namespace Caliper.Search;

/// <summary>
/// What roundings cost in a network that takes long to run, with fewer measurements than there are roundings. A few carry nearly all noise, and
/// noises nearly add up: so neighbours round together, and those groups that cost most are halved for as long as there are passes. What a group
/// costs that is left is shared out by what each rounding changes where it is.
/// </summary>
internal sealed class GroupedNoise
{
    private readonly SwitchedNetwork _network;
    private readonly NetworkWork _work;
    private readonly ImmutableArray<double> _local;
    private readonly CancellationToken _cancellationToken;
    private double _left;

    private GroupedNoise(
        SwitchedNetwork network, ImmutableArray<double> local, NetworkWork work, double passes, CancellationToken cancellationToken) =>
        (_network, _local, _work, _left, _cancellationToken) = (network, local, work, passes, cancellationToken);

    /// <summary>Measures.</summary>
    /// <param name="network">The network.</param>
    /// <param name="local">What each rounding changes where it is, of sites and then of weights.</param>
    /// <param name="work">What a change takes to be measured.</param>
    /// <param name="passes">How many passes that may take; they are taken.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    public static Sensitivity Measure(
        SwitchedNetwork network, ImmutableArray<double> local, NetworkWork work, SearchPasses passes, CancellationToken cancellationToken)
    {
        var allowed = passes.OfSources;
        var noise = new GroupedNoise(network, local, work, allowed, cancellationToken);
        var groups = noise.Halved(noise.Together());
        passes.Take(allowed - noise._left);
        Effect[] all = [.. groups.OrderBy(g => g.First).SelectMany(noise.SharedOut)];
        var sites = network.Sites.Length;
        return new(network, [.. all[..sites]], [.. all[sites..]], default);
    }

    /// <summary>Neighbouring roundings, of sites or of weights, counted through from the first site to the last weight.</summary>
    private sealed record Group(int First, int Count, Switches Changes, double Part)
    {
        public ImmutableArray<double> Share { get; init; } = [];

        public double Worst => Share.IsEmpty ? 0 : Share.Max();
    }

    private IEnumerable<Effect> SharedOut(Group group)
    {
        var own = _local.AsSpan(group.First, group.Count).ToArray();
        var all = own.Sum();
        return own.Select(part => new Effect(0, null, [.. group.Share.Select(s => all == 0 ? s / group.Count : s * part / all)]));
    }

    /// <summary>Each alone where the passes are enough, else groups of one length that take a third of them.</summary>
    private List<Group> Together()
    {
        var sites = _network.Sites.Length;
        var weights = _local.Length - sites;
        for (var length = 1; ; length *= 2)
        {
            Group[] groups = [.. Cut(0, sites, length), .. Cut(sites, weights, length)];
            if (length >= Math.Max(sites, weights) || CostOf(groups.Sum(g => g.Part)) <= _left / (length == 1 ? 1 : 3)) return [.. Measured(groups)];
        }
    }

    private IEnumerable<Group> Cut(int first, int count, int length) =>
        Enumerable.Range(0, (count + length - 1) / length).Select(i => GroupOf(first + i * length, Math.Min(length, count - i * length)));

    /// <summary>Halves the worst for half of what is left, and again, until nothing more can be measured.</summary>
    private List<Group> Halved(List<Group> groups)
    {
        while (true)
        {
            // Each half is measured: what one leaves of the whole is not what the other costs where errors of neighbours meet.
            var halves = new List<(Group Whole, Group Earlier, Group Later)>();
            var (allowed, parts) = (Math.Max(_left / 2, Math.Min(_left, CostOf(1))), 0.0);
            foreach (var group in groups.Where(g => g.Count > 1 && g.Worst > 0).OrderByDescending(g => g.Worst).ThenBy(g => g.First))
            {
                var (earlier, later) = (GroupOf(group.First, group.Count / 2), GroupOf(group.First + group.Count / 2, group.Count - group.Count / 2));
                parts += earlier.Part + later.Part;
                if (CostOf(parts) > allowed) break;
                halves.Add((group, earlier, later));
            }
            if (halves.Count == 0) return groups;
            groups = [.. groups.Except(halves.Select(h => h.Whole)), .. Measured([.. halves.SelectMany(h => new[] { h.Earlier, h.Later })])];
        }
    }

    private IEnumerable<Group> Measured(Group[] groups)
    {
        _left -= CostOf(groups.Sum(g => g.Part));
        var effects = _network.Measure([.. groups.Select(g => g.Changes)], _cancellationToken);
        return groups.Zip(effects, (group, effect) => group with { Share = effect.Share });
    }

    /// <summary>The passes that it takes to measure what computes so much of the network again, with one of the float network.</summary>
    private double CostOf(double parts) => _network.Samples.Length * (1 + parts);

    private Group GroupOf(int first, int count)
    {
        var sites = _network.Sites.Length;
        var changes = Enumerable.Range(first, count).Aggregate(Switches.Off with { Streams = _network.AllOn.Streams }, (all, i) => i < sites
            ? all.With(_network.Sites[i].Places, _network.Sites[i].Parameters) : all with { Weights = all.Weights.Add(i - sites) });
        return new(first, count, changes, _work.PartOf(_network.ComputedFor(changes)));
    }
}
