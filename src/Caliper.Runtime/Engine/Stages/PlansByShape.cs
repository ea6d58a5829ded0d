using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Engine.Stages;

/// <summary>A part of a network, planned for each shape that comes along, and for each number that its shapes depend on; the plans used last
/// are kept, as far as a budget goes.</summary>
/// <param name="model">The part; shapes of its inputs need not be known.</param>
/// <param name="options">How it is planned.</param>
/// <param name="shared">What all plans of all parts have together.</param>
internal sealed class PlansByShape(Model model, Int8SessionOptions options, KernelResources shared) : IDisposable
{
    private const long MostBytes = 8L << 20;
    private const int MostPlans = 32, MostNumbers = 8;

    /// <summary>Plans for numbers that are made at most: each takes a millisecond, and what it is made of stays.</summary>
    public const int MostByNumbers = 2048;

    private readonly Dictionary<string, Plan> _plans = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Value> _inputs = model.Graph.Inputs;
    private long _turn;
    private int _made;

    private sealed class Plan(Int8Session session, string[] numbers)
    {
        public readonly string[] Numbers = numbers;
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

    /// <summary>Whether shapes depend on the numbers of some inputs, so that there is a plan for each of those.</summary>
    public bool DependOnNumbers { get; private set; }

    /// <summary>What is planned for shapes of the inputs.</summary>
    /// <param name="shapes">The shapes.</param>
    /// <param name="first">The numbers of the first input, where they are known; of all others 1 is as good as any.</param>
    /// <exception cref="CaliperException">It cannot be planned for them.</exception>
    public Int8Session For(IEnumerable<Shape> shapes, Tensor? first = null)
    {
        Shape[] all = [.. shapes];
        var plan = Enter(all, i => i == 0 && first is not null ? first : Ones(_inputs[i].Type, all[i]));
        Leave(plan);
        return plan.Session;
    }

    /// <summary>Runs it on tensors in the order of its inputs.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyList<Tensor> inputs)
    {
        if (inputs.Any(t => t.Count == 0)) return OfNothing(inputs);
        var plan = Enter([.. inputs.Select(t => t.Shape)], i => inputs[i]);
        try
        {
            var fed = _inputs.Zip(inputs).Where(p => !plan.Numbers.Contains(p.First.Name));
            return plan.Session.Run(fed.ToDictionary(p => p.First.Name, p => p.Second, StringComparer.Ordinal));
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
            inputs: [.. _inputs.Zip(inputs, (i, t) => i with { Type = t.Type, Shape = t.Shape })]));
        return graph.Outputs.ToDictionary(o => o.Name, o => o.Shape is { IsStatic: true, ElementCount: 0 } shape
            ? new Tensor(o.Type, shape, Array.Empty<byte>())
            : throw new CaliperException($"The int8 engine cannot compute '{o.Name}' of tensors without elements."), StringComparer.Ordinal);
    }

    private Plan Enter(Shape[] shapes, Func<int, Tensor> valueOf)
    {
        lock (_plans)
        {
            var numbers = DependOnNumbers ? NumbersOf(shapes, valueOf) : [];
            if (!_plans.TryGetValue(KeyOf(shapes, numbers), out var plan))
            {
                (plan, numbers) = Make(shapes, numbers, valueOf);
                _plans.Add(KeyOf(shapes, numbers), plan);
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

    /// <summary>A plan for shapes; where that is impossible, one for shapes and numbers.</summary>
    private (Plan, Dictionary<string, Tensor> Numbers) Make(Shape[] shapes, Dictionary<string, Tensor> numbers, Func<int, Tensor> valueOf)
    {
        try
        {
            return (Make(shapes, numbers), numbers);
        }
        catch (CaliperException error) when (!DependOnNumbers && NumbersOf(shapes, valueOf) is { Count: > 0 } read)
        {
            try
            {
                var plan = Make(shapes, read);
                DependOnNumbers = true;
                return (plan, read);
            }
            catch (CaliperException)
            {
                throw new CaliperException(error.Message, error);
            }
        }
    }

    private Plan Make(Shape[] shapes, Dictionary<string, Tensor> numbers)
    {
        // What is made of constants outlives the plan.
        _made += Math.Sign(numbers.Count);
        if (_made > MostByNumbers)
            throw new CaliperException($"The int8 engine plans nothing for more than {MostByNumbers} numbers that shapes depend on. "
                + "Run the model with the ONNX Runtime backend (--backend onnxruntime).");
        var fed = _inputs.Zip(shapes).Where(p => !numbers.ContainsKey(p.First.Name)).ToArray();
        var graph = model.Graph.With(inputs: [.. fed.Select(f => f.First)], initializers: model.Graph.Initializers.AddRange(numbers));
        var named = fed.ToImmutableDictionary(f => f.First.Name, f => f.Second);
        // Plans that share what they are made of are made one after the other.
        lock (shared)
        {
            var session = Int8Session.FromModel(model with { Graph = graph }, options with { InputShapes = named, Model = shared });
            return new Plan(session, [.. numbers.Keys]);
        }
    }

    /// <summary>The inputs that hold few whole numbers, such as a counter, a length or the ends of a slice.</summary>
    private Dictionary<string, Tensor> NumbersOf(Shape[] shapes, Func<int, Tensor> valueOf) => _inputs.Index()
        .Where(i => i.Item.Type is ElementType.Int64 or ElementType.Int32 && shapes[i.Index].Rank < 2 && shapes[i.Index].ElementCount <= MostNumbers)
        .ToDictionary(i => i.Item.Name, i => valueOf(i.Index), StringComparer.Ordinal);

    private static string KeyOf(Shape[] shapes, Dictionary<string, Tensor> numbers) =>
        string.Join(' ', shapes) + string.Concat(numbers.Values.Select(n => " " + Convert.ToHexString(n.Bytes.Span)));

    private static Tensor Ones(ElementType type, Shape shape)
    {
        var bytes = new byte[type.ByteCount(shape.ElementCount)];
        var size = (int)type.ByteCount(1);
        for (var i = 0; i < bytes.Length; i += size) bytes[i] = 1;
        return new Tensor(type, shape, bytes);
    }

    private void Leave(Plan plan)
    {
        lock (_plans) plan.Users--;
    }
}
