using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary>What flows between layers while the graph of a network is built: a value of known shape, not yet numbers.</summary>
public sealed class Signal
{
    internal Signal(Tracer tracer, string name, Shape shape) => (Tracer, Name, Shape) = (tracer, name, shape);

    /// <summary>Name of the value in the graph.</summary>
    public string Name { get; }

    /// <summary>The axes; the first is the batch, whose length is free.</summary>
    public Shape Shape { get; }

    internal Tracer Tracer { get; }

    /// <summary>Passes the signal through modules, one after the other. A module may be passed more than once; then its
    /// parameters are shared. One without parameters need not be a field: <c>x.Through(new ReLU())</c>.</summary>
    /// <exception cref="CaliperException">A module does not fit the shape it gets, or has parameters but no name.</exception>
    public Signal Through(params ReadOnlySpan<Module> modules)
    {
        var signal = this;
        foreach (var module in modules) signal = Tracer.Call(module, signal);
        return signal;
    }

    /// <summary>Adds two signals of the same shape: a residual connection.</summary>
    /// <exception cref="CaliperException">The shapes differ.</exception>
    public static Signal operator +(Signal left, Signal right) => Combine("Add", "add", left, right);

    /// <summary>Multiplies two signals elementwise; an axis of length 1 is repeated, so that a gate for each channel can scale
    /// a whole image.</summary>
    /// <exception cref="CaliperException">The shapes do not fit.</exception>
    public static Signal operator *(Signal left, Signal right) => Combine("Mul", "mul", left, right);

    /// <summary>Joins signals along the channels (axis 1).</summary>
    /// <exception cref="CaliperException">The shapes differ in another axis.</exception>
    public static Signal Cat(params ReadOnlySpan<Signal> signals)
    {
        if (signals.IsEmpty) throw new CaliperException("Nothing to join: Cat needs at least one signal.");
        var (first, channels) = (signals[0], 0L);
        var names = new string[signals.Length];
        for (var i = 0; i < names.Length; i++)
        {
            var shape = signals[i].Shape;
            if (shape.Rank < 2 || shape.Rank != first.Shape.Rank || shape.With(1, 1) != first.Shape.With(1, 1))
                throw Mismatch("Concat", first, signals[i]);
            (names[i], channels) = (signals[i].Name, channels + shape[1].Length);
        }
        return first.Tracer.Emit("Concat", "cat", first.Shape.With(1, channels), names, n => n.With("axis", 1));
    }

    private static Signal Combine(string operation, string name, Signal left, Signal right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var shape = operation == "Add" ? Same(left.Shape, right.Shape) : Broadcast(left.Shape, right.Shape);
        if (shape is null) throw Mismatch(operation, left, right);
        return left.Tracer.Emit(operation, name, shape.Value, [left.Name, right.Name]);
    }

    private static CaliperException Mismatch(string operation, Signal left, Signal right) => new(
        $"'{left.Name}' of shape {left.Shape} and '{right.Name}' of shape {right.Shape} do not fit together ({operation}).");

    private static Shape? Same(Shape left, Shape right) => left == right ? left : null;

    private static Shape? Broadcast(Shape left, Shape right)
    {
        if (left.Rank != right.Rank) return null;
        var shape = left;
        for (var axis = 0; axis < left.Rank; axis++)
        {
            if (left[axis] == right[axis] || right[axis].Length == 1) continue;
            if (left[axis].Length != 1) return null;
            shape = shape.With(axis, right[axis]);
        }
        return shape;
    }
}
