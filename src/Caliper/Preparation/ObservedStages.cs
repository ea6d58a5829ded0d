using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>
/// An observed network in as many stages as memory wants: all that is observed stays until it was looked at, which of pictures of a thousand
/// pixels a side is gigabytes. Such a network is cut into segments, and of each is kept only what later ones read.
/// </summary>
internal sealed class ObservedStages : IDisposable
{
    // Of what is observed at once: in a stage, and in all samples that are run at once.
    private const double MostOfStage = 1L << 28, MostTogether = 1L << 29;

    private readonly ImmutableArray<ObservedStage> _stages;

    private ObservedStages(ImmutableArray<ObservedStage> stages, int atOnce) => (_stages, AtOnce) = (stages, atOnce);

    /// <summary>How many samples to run at once.</summary>
    public int AtOnce { get; }

    /// <summary>Plans them.</summary>
    /// <param name="model">The network, whose outputs are what is observed.</param>
    /// <param name="fed">What is fed first, which tells sizes.</param>
    /// <param name="execution">How it is run.</param>
    /// <param name="apart">Whether each thread gets a sample of its own, as far as memory allows.</param>
    /// <param name="most">Bytes that a stage may hold.</param>
    public static ObservedStages Of(
        Model model, IReadOnlyDictionary<string, Tensor> fed, ExecutionOptions execution, bool apart, double most = MostOfStage)
    {
        var sized = FedShapes.Of(model.Graph, fed);
        double BytesOf(string value) => sized?.BytesOf(value) ?? 0;
        var bytes = model.Graph.Outputs.Sum(o => BytesOf(o.Name));
        var threads = Threads.Number(execution.Threads);
        var atOnce = !apart || bytes > most ? 1 : (int)Math.Clamp(MostTogether / Math.Max(1, bytes), 1, threads);
        execution = apart ? execution with { Threads = Math.Max(1, threads / atOnce) } : execution;
        return new(bytes <= most || !CanBeCut(model.Graph) ? [new(model, null, execution)] : StagesOf(model, BytesOf, most, execution), atOnce);
    }

    /// <summary>Runs all of them, one after the other.</summary>
    /// <param name="fed">What is fed.</param>
    /// <param name="look">Sees what each stage made before its memory is taken back; the first with what was fed.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    public void Run(IReadOnlyDictionary<string, Tensor> fed, Action<ObservedStage, IReadOnlyDictionary<string, Tensor>, IExecutionResult> look,
        CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, Tensor>(fed, StringComparer.Ordinal);
        foreach (var stage in _stages)
        {
            using var result = stage.Run(values, cancellationToken);
            look(stage, stage == _stages[0] ? fed : ImmutableDictionary<string, Tensor>.Empty, result);
            foreach (var kept in stage.Kept) values[kept] = Batches.Copy(result[kept]);
            foreach (var left in stage.Left) values.Remove(left);
            // What a stage frees is as much as the next will take, but in other pieces.
            if (_stages.Length > 1) NativeHeap.Trim();
        }
    }

    /// <summary>Frees what running them took.</summary>
    public void Dispose()
    {
        foreach (var stage in _stages) stage.Dispose();
    }

    /// <summary>What is cut off from its If would be computed whether its branch is taken or not; and an output that no node makes is in no
    /// segment.</summary>
    private static bool CanBeCut(Graph graph) => Conditional.BranchesOf(graph) is []
        && graph.Outputs.All(o => graph.Constant(o.Name) is null && graph.Inputs.All(i => i.Name != o.Name));

    private static ImmutableArray<ObservedStage> StagesOf(Model model, Func<string, double> bytesOf, double most, ExecutionOptions execution)
    {
        var graph = model.Graph;
        int[] bounds = [0, .. CutsOf(graph, bytesOf, most), graph.Nodes.Length];
        NetworkSegment[] segments = [.. bounds.Zip(bounds.Skip(1), (from, to) => NetworkSegment.Of(graph, graph.Nodes[from..to], []))];
        var lastRead = segments.Index().SelectMany(s => s.Item.Reads.Select(r => (Value: r, s.Index)))
            .GroupBy(r => r.Value).ToDictionary(g => g.Key, g => g.Max(r => r.Index), StringComparer.Ordinal);
        return [.. segments.Select((segment, index) => new ObservedStage(model, segment, execution)
        {
            Kept = [.. segment.Makes.Where(lastRead.ContainsKey)],
            Left = [.. segment.Reads.Where(r => lastRead[r] == index)],
        })];
    }

    /// <summary>Nodes that begin a segment: where least crosses in the second half of what a stage may hold.</summary>
    private static IEnumerable<int> CutsOf(Graph graph, Func<string, double> bytesOf, double most)
    {
        double[] observed = [.. graph.Nodes.Select(n => n.Outputs.Where(graph.IsOutput).Sum(bytesOf))];
        var crossing = Crossing(graph, bytesOf);
        for (var start = 0; start < observed.Length;)
        {
            var (end, held, half) = (start, 0.0, start + 1);
            while (end < observed.Length && (end == start || held + observed[end] <= most))
            {
                held += observed[end++];
                if (held < most / 2) half = end;
            }
            if (end == observed.Length) yield break;
            yield return start = Enumerable.Range(half, end - half + 1).MinBy(place => crossing[place]);
        }
    }

    /// <summary>Bytes that cross each place before a node.</summary>
    private static double[] Crossing(Graph graph, Func<string, double> bytesOf)
    {
        var crossing = new double[graph.Nodes.Length + 1];
        var made = graph.Nodes.Index().SelectMany(n => n.Item.Outputs.Where(o => o.Length > 0).Select(o => (Value: o, n.Index)))
            .ToDictionary(m => m.Value, m => m.Index, StringComparer.Ordinal);
        var last = graph.Nodes.Index().SelectMany(n => n.Item.Reads().Where(made.ContainsKey).Select(r => (Value: r, n.Index)))
            .GroupBy(r => r.Value).ToDictionary(g => g.Key, g => g.Max(r => r.Index), StringComparer.Ordinal);
        foreach (var (value, reader) in last)
            for (var i = made[value] + 1; i <= reader; i++) crossing[i] += bytesOf(value);
        return crossing;
    }
}
