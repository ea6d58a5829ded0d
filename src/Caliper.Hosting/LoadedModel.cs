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
        }
        catch
        {
            foreach (var session in sessions) session.Dispose();
            _shared.Dispose();
            throw;
        }
        _sessions = sessions.ToImmutable();
        foreach (var session in _sessions) session.Warmup();

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

    /// <summary>Whether a request for one may be given to the other.</summary>
    public bool Takes(LoadedModel other) => Same(Inputs, other.Inputs) && Same(Outputs, other.Outputs);

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
    public byte[][][] Run(IReadOnlyList<byte[][]> requests)
    {
        var answers = new List<byte[][]>(requests.Count);
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

    private byte[][][] RunTogether(Int8Session session, byte[][][] requests)
    {
        var inputs = session.Inputs.Index().ToDictionary(i => i.Item.Name, i => new Tensor(i.Item.Type, i.Item.Shape!.Value,
            requests.Length == 1 ? requests[0][i.Index] : requests.SelectMany(r => r[i.Index]).ToArray()), StringComparer.Ordinal);
        var outputs = session.Run(inputs);
        return [.. requests.Select((_, r) => session.Outputs.Select(o => PartOf(outputs[o.Name], r, requests.Length)).ToArray())];
    }

    private static byte[] PartOf(Tensor tensor, int index, int count)
    {
        var length = tensor.Bytes.Length / count;
        return tensor.Bytes.Slice(index * length, length).ToArray();
    }

    private static bool Same(ImmutableArray<Value> one, ImmutableArray<Value> other) =>
        one.Select(v => (v.Name, v.Type, v.Shape!.Value)).SequenceEqual(other.Select(v => (v.Name, v.Type, v.Shape!.Value)));
}
