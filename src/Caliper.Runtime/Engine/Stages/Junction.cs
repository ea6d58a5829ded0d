using Caliper.Graphs;

namespace Caliper.Engine.Stages;

/// <summary>A node between two stages: what follows it depends on the numbers it is given.</summary>
/// <param name="node">The node.</param>
internal abstract class Junction(Node node) : IDisposable
{
    /// <summary>The node.</summary>
    public Node Node => node;

    /// <summary>What it gives where nothing has run yet: types, and shapes as they may be.</summary>
    /// <param name="known">What is known of a value it reads: type and shape.</param>
    /// <param name="isFixed">Whether each shape is always that one.</param>
    public abstract Value[] Plan(Func<string, Value> known, out bool isFixed);

    /// <summary>What it gives.</summary>
    /// <param name="read">The tensor of a name it reads.</param>
    public abstract Tensor[] Run(Func<string, Tensor> read);

    /// <summary>Bytes of the plans that it keeps.</summary>
    public virtual long PlanBytes => 0;

    public virtual void Dispose() { }

    /// <summary>The error that what it is given does not fit it.</summary>
    protected CaliperException Fault(string fault) => new($"The node '{node.Name}' ({node.OpType}) {fault}.");

    /// <summary>The one number of an input, or what holds where it is left out.</summary>
    protected T NumberOf<T>(Func<string, Tensor> read, int input, T whenAbsent) where T : unmanaged =>
        node.Input(input).Length == 0 ? whenAbsent : read(node.Inputs[input]) is { Count: 1 } tensor && tensor.Type.ByteCount(1) == SizeOf<T>()
            ? tensor.Span<T>()[0] : throw Fault($"does not have one number in '{node.Inputs[input]}'");

    private static unsafe int SizeOf<T>() where T : unmanaged => sizeof(T);
}
