using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Execution;

/// <summary>Plans the engine for each shape that comes along, and keeps the plans used last as far as a budget of memory goes. Where batch
/// sizes are many, runs sample by sample.</summary>
internal sealed class CaliperSession : IExecutionSession
{
    private const int MostPlans = 4;

    private readonly Model _model;
    private readonly Int8SessionOptions _options;
    private readonly KernelResources _shared = new();
    private readonly long _mostBytes;
    private readonly Dictionary<string, Plan> _plans = new(StringComparer.Ordinal);
    private readonly OutputMemory _outputs = new();
    private readonly Lock _lock = new(), _planning = new();
    private long _turn;

    public CaliperSession(Model model, Int8SessionOptions options, long mostPlanBytes)
    {
        (_model, _mostBytes) = (model, mostPlanBytes);
        _options = options with { Model = model.Graph.Inputs.All(i => i.Shape is { IsStatic: true }) ? null : _shared };
        // A model that cannot be run is refused when it is loaded, unless it waits for sizes that only a run knows.
        if (model.Graph.Inputs.All(i => i.Shape is { } shape && shape.Dimensions.Skip(1).All(d => d.IsKnown)))
        {
            var shapes = model.Graph.Inputs.Select(i => i.Shape!.Value);
            var key = KeyOf(shapes.Select(s => s.Rank > 0 && !s[0].IsKnown ? s.With(0, 1) : s));
            _plans[key] = new Plan(Int8Session.FromModel(model, _options), _outputs);
        }
    }

    public IExecutionResult Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        cancellationToken.ThrowIfCancellationRequested();
        if (PlanFor(inputs) is { } plan) return RunOn(plan, inputs);
        var samples = (int)inputs[_model.Graph.Inputs[0].Name].Shape[0].Length;
        var pieces = _model.Graph.Outputs.ToDictionary(o => o.Name, _ => new List<Tensor>(samples), StringComparer.Ordinal);
        for (var sample = 0; sample < samples; sample++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = inputs.ToDictionary(i => i.Key, i => Batches.Slice(i.Value, sample, 1), StringComparer.Ordinal);
            using var result = RunOn(PlanFor(piece)!, piece);
            foreach (var (name, outputs) in pieces) outputs.Add(Batches.Copy(result[name]));
        }
        return new Joined(pieces.ToDictionary(p => p.Key, p => Batches.Join(p.Key, p.Value), StringComparer.Ordinal));
    }

    public void Dispose()
    {
        foreach (var plan in _plans.Values) plan.Dispose();
        _shared.Dispose();
    }

    /// <summary>Bytes of what all plans have together.</summary>
    internal long SharedBytes => _shared.ByteCount;

    /// <summary>Bytes of all plans that are kept, and of the memory that they run in.</summary>
    internal long KeptBytes
    {
        get
        {
            // What plans share grows while one is made.
            lock (_planning) lock (_lock) return _plans.Values.Sum(p => p.Bytes) + _shared.Owned<WorkingMemory>().Sum(w => w.Bytes);
        }
    }

    /// <summary>How many plans are kept.</summary>
    internal int KeptPlans
    {
        get { lock (_lock) return _plans.Count; }
    }

    private IExecutionResult RunOn(Plan plan, IReadOnlyDictionary<string, Tensor> inputs)
    {
        try
        {
            return plan.Run(inputs);
        }
        finally
        {
            lock (_lock) plan.Leave();
        }
    }

    /// <summary>Takes a plan into use, so that nobody disposes of it, and lets go of those that were not used for the longest time.</summary>
    private Plan Enter(Plan plan)
    {
        plan.Enter(++_turn);
        // A plan that is asked for always lives.
        while (_plans.Count > 1 && _plans.Values.Sum(p => p.Bytes) > _mostBytes)
        {
            if (_plans.Where(p => p.Value.IsIdle).OrderBy(p => p.Value.LastTurn).FirstOrDefault() is not { Key: { } key, Value: { } oldest }) break;
            _plans.Remove(key);
            oldest.Dispose();
        }
        return plan;
    }

    /// <summary>The plan for inputs of these shapes; null where there are too many and single samples have one.</summary>
    private Plan? PlanFor(IReadOnlyDictionary<string, Tensor> inputs)
    {
        var shapes = _model.Graph.Inputs.ToDictionary(i => i.Name, i => Batches.Fed(inputs, i.Name).Shape, StringComparer.Ordinal);
        var key = KeyOf(_model.Graph.Inputs.Select(i => shapes[i.Name]));
        if (KnownFor(key) is { } known) return known;
        // Plans share what they are made of and are made one at a time; whoever needs one that is there does not wait for that.
        lock (_planning)
        {
            if (KnownFor(key) is { } made) return made;
            if (KeptPlans >= MostPlans && shapes.Values.All(s => s.Rank > 0 && s[0].Length > 1) && HasFreeBatch) return null;
            var session = Int8Session.FromModel(_model, _options with { InputShapes = shapes.ToImmutableDictionary() });
            lock (_lock) return Enter(_plans[key] = new Plan(session, _outputs));
        }
    }

    private Plan? KnownFor(string key)
    {
        lock (_lock) return _plans.TryGetValue(key, out var known) ? Enter(known) : null;
    }

    private bool HasFreeBatch => _model.Graph.Inputs.All(i => i.Shape is { Rank: > 0 } shape && !shape[0].IsKnown);

    private static string KeyOf(IEnumerable<Shape> shapes) => string.Join(' ', shapes);

    private sealed class Joined(IReadOnlyDictionary<string, Tensor> tensors) : IExecutionResult
    {
        public Tensor this[string output] => Batches.Made(tensors, output);

        public void Dispose() { }
    }

    /// <summary>The engine for inputs of certain shapes.</summary>
    private sealed class Plan(Int8Session session, OutputMemory lent) : IDisposable
    {
        private int _users;

        /// <summary>What it takes besides the weights, which all have together.</summary>
        public long Bytes { get; } = session.OwnBytes;

        /// <summary>When it was asked for last.</summary>
        public long LastTurn { get; private set; }

        /// <summary>Whether no run is under way.</summary>
        public bool IsIdle => _users == 0;

        public void Enter(long turn) => (LastTurn, _users) = (turn, _users + 1);

        public void Leave() => _users--;

        public IExecutionResult Run(IReadOnlyDictionary<string, Tensor> inputs)
        {
            if (session.Outputs.Any(o => o.Shape is not { IsStatic: true })) return new Joined(session.Run(inputs));
            var result = new Result(session.Outputs, lent);
            session.Run(inputs, result.Memory);
            return result;
        }

        public void Dispose() => session.Dispose();
    }

    /// <summary>Outputs in memory that is lent.</summary>
    private sealed class Result : IExecutionResult
    {
        private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
        private readonly OutputMemory _from;
        private List<byte[]>? _pieces = [];

        public Result(ImmutableArray<Value> outputs, OutputMemory from)
        {
            _from = from;
            foreach (var output in outputs)
            {
                var bytes = output.Type.ByteCount(output.Shape!.Value.ElementCount);
                _pieces.Add(from.Take(bytes));
                Memory.Add(output.Name, _pieces[^1].AsMemory(0, (int)bytes));
                _tensors.Add(output.Name, new Tensor(output.Type, output.Shape.Value, Memory[output.Name]));
            }
        }

        /// <summary>Where the engine writes them.</summary>
        public Dictionary<string, Memory<byte>> Memory { get; } = new(StringComparer.Ordinal);

        public Tensor this[string output] => Batches.Made(_tensors, output);

        public void Dispose()
        {
            foreach (var piece in Interlocked.Exchange(ref _pieces, null) ?? []) _from.Give(piece);
        }
    }
}
