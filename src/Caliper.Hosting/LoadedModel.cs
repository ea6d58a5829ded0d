using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Hosting;

/// <summary>A model that answers: a session for each size of batch, 1, 2, 4 and so on, with weights of which there is one copy. It ends after its
/// last run.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly KernelResources _shared = new();
    private readonly Lifetime _life = new(nameof(LoadedModel));
    private readonly ImmutableArray<Int8Session> _sessions;

    /// <param name="model">The model.</param>
    /// <param name="options">How large batches may be.</param>
    /// <exception cref="CaliperException">The engine cannot run it.</exception>
    public LoadedModel(Model model, Int8ServiceOptions options)
    {
        var sessions = ImmutableArray.CreateBuilder<Int8Session>();
        try
        {
            sessions.Add(Open(1));
            for (var batch = 2; batch <= options.MaxBatch && TryOpen(batch) is { } session; batch *= 2) sessions.Add(session);
            foreach (var session in sessions) session.Warmup();
        }
        catch
        {
            foreach (var session in sessions) session.Dispose();
            _shared.Dispose();
            throw;
        }
        _sessions = sessions.ToImmutable();

        Int8Session Open(int batch) => Int8Session.FromModel(model,
            new Int8SessionOptions { Batch = batch, Threads = options.ThreadsPerRun, Model = _shared });

        // One more check than shapes: a network may look at all its samples together, as dynamic quantization does.
        Int8Session? TryOpen(int batch)
        {
            if (batch == 2 && !BatchProbe.IsWorthTrying(model.Graph)) return null;
            var session = Open(batch);
            if (BatchProbe.IsOfSamples(sessions[0], session, batch)) return session;
            session.Dispose();
            return null;
        }
    }

    /// <summary>What one request is.</summary>
    public ImmutableArray<Value> Inputs => _sessions[0].Inputs;

    /// <summary>What one answer is.</summary>
    public ImmutableArray<Value> Outputs => _sessions[0].Outputs;

    /// <summary>The most requests that it runs together.</summary>
    public int MaxBatch => 1 << (_sessions.Length - 1);

    /// <summary>Why a request for the other may not be given to this one; null where it may.</summary>
    public string? DifferenceTo(LoadedModel other) => Difference("takes", Inputs, other.Inputs) ?? Difference("gives", Outputs, other.Outputs);

    /// <summary>Keeps it from ending until <see cref="Leave"/>; false where it has ended.</summary>
    public bool TryEnter()
    {
        try
        {
            _life.Enter();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Lets it end.</summary>
    public void Leave() => _life.Leave();

    /// <summary>Answers some requests, at most <see cref="MaxBatch"/>.</summary>
    /// <param name="requests">Of each request its inputs, in the order of <see cref="Inputs"/>.</param>
    /// <returns>Of each its outputs, in the order of <see cref="Outputs"/>.</returns>
    public Tensor[][] Run(IReadOnlyList<byte[][]> requests)
    {
        var answers = new List<Tensor[]>(requests.Count);
        while (answers.Count < requests.Count)
        {
            // The largest batch that is full: sessions are of fixed sizes, and padding would be computed for nothing.
            var session = _sessions[int.Min(_sessions.Length - 1, int.Log2(requests.Count - answers.Count))];
            answers.AddRange(RunTogether(session, [.. requests.Skip(answers.Count).Take(BatchOf(session))]));
        }
        return [.. answers];
    }

    /// <summary>Waits for the runs that are under way.</summary>
    public void Dispose()
    {
        if (!_life.End()) return;
        foreach (var session in _sessions) session.Dispose();
        _shared.Dispose();
    }

    private int BatchOf(Int8Session session) => 1 << _sessions.IndexOf(session);

    private static Tensor[][] RunTogether(Int8Session session, byte[][][] requests)
    {
        var inputs = session.Inputs.Index().ToDictionary(i => i.Item.Name, i => new Tensor(i.Item.Type, i.Item.Shape!.Value,
            requests.Length == 1 ? requests[0][i.Index] : requests.SelectMany(r => r[i.Index]).ToArray()), StringComparer.Ordinal);
        var outputs = session.Run(inputs);
        return [.. requests.Select((_, r) => session.Outputs.Select(o => PartOf(outputs[o.Name], r, requests.Length)).ToArray())];
    }

    // How large an output is, it says itself: of one that is run alone, only the run knows.
    private static Tensor PartOf(Tensor tensor, int index, int count)
    {
        if (count == 1) return tensor;
        var length = tensor.Bytes.Length / count;
        return new Tensor(tensor.Type, tensor.Shape.With(0, tensor.Shape[0].Length / count), tensor.Bytes.Slice(index * length, length).ToArray());
    }

    private static string? Difference(string does, ImmutableArray<Value> one, ImmutableArray<Value> other) =>
        one.Select(v => (v.Name, v.Type, v.Shape!.Value)).SequenceEqual(other.Select(v => (v.Name, v.Type, v.Shape!.Value))) ? null
            : $"it {does} {string.Join(", ", one)}, not {string.Join(", ", other)}";
}
