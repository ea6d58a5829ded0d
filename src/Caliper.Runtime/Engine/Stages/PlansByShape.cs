using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Engine.Stages;

/// <summary>A part of a network, planned for each shape that comes along; the plans used last are kept, as far as a budget goes.</summary>
/// <param name="model">The part; shapes of its inputs need not be known.</param>
/// <param name="options">How it is planned.</param>
/// <param name="shared">What all plans of all parts have together.</param>
internal sealed class PlansByShape(Model model, Int8SessionOptions options, KernelResources shared) : IDisposable
{
    private const long MostBytes = 8L << 20;
    private const int MostPlans = 32;

    private readonly Dictionary<string, Plan> _plans = new(StringComparer.Ordinal);
    private long _turn;

    private sealed class Plan(Int8Session session)
    {
        public readonly Int8Session Session = session;
        public readonly long Bytes = session.OwnBytes;
        public long LastTurn;
        public int Users;
    }

    /// <summary>Bytes of all plans that are kept.</summary>
    public long Bytes
    {
        get { lock (_plans) return _plans.Values.Sum(p => p.Bytes); }
    }

    /// <summary>What is planned for shapes of the inputs.</summary>
    /// <exception cref="CaliperException">It cannot be planned for them.</exception>
    public Int8Session For(IEnumerable<Shape> shapes)
    {
        var plan = Enter([.. shapes]);
        Leave(plan);
        return plan.Session;
    }

    /// <summary>Runs it on tensors in the order of its inputs.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyList<Tensor> inputs)
    {
        if (inputs.Any(t => t.Count == 0)) return OfNothing(inputs);
        var plan = Enter([.. inputs.Select(t => t.Shape)]);
        try
        {
            return plan.Session.Run(model.Graph.Inputs.Zip(inputs).ToDictionary(p => p.First.Name, p => p.Second, StringComparer.Ordinal));
        }
        finally
        {
            Leave(plan);
        }
    }

    public void Dispose()
    {
        foreach (var plan in _plans.Values) plan.Session.Dispose();
        _plans.Clear();
    }

    /// <summary>Of tensors without elements only such can be made.</summary>
    private Dictionary<string, Tensor> OfNothing(IReadOnlyList<Tensor> inputs)
    {
        var graph = Graphs.Shapes.ShapeInference.Infer(model.Graph.With(
            inputs: [.. model.Graph.Inputs.Zip(inputs, (i, t) => i with { Type = t.Type, Shape = t.Shape })]));
        return graph.Outputs.ToDictionary(o => o.Name, o => o.Shape is { IsStatic: true, ElementCount: 0 } shape
            ? new Tensor(o.Type, shape, Array.Empty<byte>())
            : throw new CaliperException($"The int8 engine cannot compute '{o.Name}' of tensors without elements."), StringComparer.Ordinal);
    }

    private Plan Enter(Shape[] shapes)
    {
        var key = string.Join(' ', shapes);
        lock (_plans)
        {
            if (!_plans.TryGetValue(key, out var plan))
            {
                var named = model.Graph.Inputs.Zip(shapes).ToImmutableDictionary(p => p.First.Name, p => p.Second);
                // Plans that share what they are made of are made one after the other.
                lock (shared) plan = new Plan(Int8Session.FromModel(model, options with { InputShapes = named, Model = shared }));
                _plans.Add(key, plan);
            }
            (plan.LastTurn, plan.Users) = (++_turn, plan.Users + 1);
            while (_plans.Count > 1 && (_plans.Count > MostPlans || _plans.Values.Sum(p => p.Bytes) > MostBytes))
            {
                var idle = _plans.Where(p => p.Value.Users == 0).OrderBy(p => p.Value.LastTurn);
                if (idle.FirstOrDefault() is not { Key: { } oldest, Value: { } gone }) break;
                _plans.Remove(oldest);
                gone.Session.Dispose();
            }
            return plan;
        }
    }

    private void Leave(Plan plan)
    {
        lock (_plans) plan.Users--;
    }
}
