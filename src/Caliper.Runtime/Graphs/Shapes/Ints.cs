using System.Collections.Immutable;

namespace Caliper.Graphs.Shapes;

/// <summary>One integer inside a model that computes with shapes: a number, the name of an axis length, or not known.</summary>
internal readonly record struct IntValue(long? Number, string? Symbol = null)
{
    public static IntValue Unknown => new(null);

    public static IntValue Of(Dimension dimension) => dimension.IsKnown ? new(dimension.Length) : new(null, dimension.Symbol);

    /// <summary>As the length of an axis; a negative number is none.</summary>
    public Dimension ToDimension() =>
        Number is >= 0 and var length ? Dimension.Of(length)
        : Number is null && Symbol is not null ? Dimension.Named(Symbol)
        : Dimension.Unknown;
}

/// <summary>
/// What is known of a small integer tensor, so that shapes computed inside a model (<c>Shape → Gather → Concat →
/// Reshape</c>) can be followed.
/// </summary>
/// <param name="Shape">The axes; always static.</param>
/// <param name="Elements">The elements in row-major order.</param>
internal sealed record Ints(Shape Shape, ImmutableArray<IntValue> Elements)
{
    // Shapes have a few axes; anything longer is data, not a shape.
    private const int MostElements = 1024;

    public static Ints Scalar(IntValue element) => new(Shape.Scalar, [element]);

    public static Ints Vector(IEnumerable<IntValue> elements)
    {
        var array = elements.ToImmutableArray();
        return new(Shape.Of(array.Length), array);
    }

    public static Ints Vector(IEnumerable<long> elements) => Vector(elements.Select(e => new IntValue(e)));

    /// <summary>Whether a tensor is small enough to be followed.</summary>
    public static bool AreFew(long count) => count <= MostElements;

    /// <summary>The elements of a constant, or null where it is not a small tensor of integers.</summary>
    public static Ints? Of(Tensor tensor)
    {
        if (!AreFew(tensor.Shape.ElementCount)) return null;
        var numbers = tensor.Type switch
        {
            ElementType.Int64 => tensor.Span<long>().ToArray(),
            ElementType.Int32 => Array.ConvertAll(tensor.Span<int>().ToArray(), e => (long)e),
            ElementType.Boolean => Array.ConvertAll(tensor.Bytes.ToArray(), e => e != 0 ? 1L : 0),
            _ => null,
        };
        return numbers is null ? null : new Ints(tensor.Shape, [.. numbers.Select(n => new IntValue(n))]);
    }

    /// <summary>As a constant of the given type, or null where an element is not known or the type is none of integers.</summary>
    public Tensor? ToTensor(ElementType type) => (Numbers, type) switch
    {
        ({ } numbers, ElementType.Int64) => Tensor.Of(Shape, numbers.ToArray()),
        ({ } numbers, ElementType.Boolean) => Tensor.Of(Shape, numbers.Select(n => n != 0).ToArray()),
        ({ } numbers, ElementType.Int32) => Tensor.Of(Shape, numbers.Select(n => unchecked((int)n)).ToArray()),
        _ => null,
    };

    /// <summary>The numbers, or null where one of them is not known.</summary>
    public ImmutableArray<long>? Numbers =>
        Elements.All(e => e.Number is not null) ? [.. Elements.Select(e => e.Number!.Value)] : null;

    /// <summary>The elements as the axes of a shape.</summary>
    public Shape ToShape() => new([.. Elements.Select(e => e.ToDimension())]);

    /// <summary>The elements at some positions along an axis, in that order.</summary>
    public Ints Take(int axis, IReadOnlyCollection<int> positions)
    {
        var (outer, length, inner) = Around(axis);
        var elements = from o in Enumerable.Range(0, outer)
                       from p in positions
                       from i in Enumerable.Range(0, inner)
                       select Elements[(o * length + p) * inner + i];
        return new(Shape.With(axis, positions.Count), [.. elements]);
    }

    /// <summary>Tensors one after the other along an axis.</summary>
    public static Ints Concat(int axis, IReadOnlyList<Ints> parts)
    {
        var outer = parts[0].Around(axis).Outer;
        var elements = Enumerable.Range(0, outer).SelectMany(o => parts.SelectMany(p =>
        {
            var (_, length, inner) = p.Around(axis);
            return p.Elements.AsSpan(o * length * inner, length * inner).ToArray();
        }));
        return new(parts[0].Shape.With(axis, parts.Sum(p => p.Shape[axis].Length)), [.. elements]);
    }

    /// <summary>The axes in another order.</summary>
    public Ints Transpose(ImmutableArray<int> order)
    {
        var shape = new Shape([.. order.Select(axis => Shape[axis])]);
        var strides = new int[Shape.Rank];
        for (int axis = Shape.Rank - 1, stride = 1; axis >= 0; stride *= (int)Shape[axis--].Length) strides[axis] = stride;
        var elements = Enumerable.Range(0, Elements.Length).Select(index =>
        {
            var source = 0;
            for (var axis = shape.Rank - 1; axis >= 0; index /= (int)shape[axis--].Length)
                source += index % (int)shape[axis].Length * strides[order[axis]];
            return Elements[source];
        });
        return new(shape, [.. elements]);
    }

    /// <summary>The tensor seen as three axes, the given one in the middle.</summary>
    private (int Outer, int Length, int Inner) Around(int axis) => (
        (int)Shape.Dimensions.Take(axis).Aggregate(1L, (p, d) => p * d.Length),
        (int)Shape[axis].Length,
        (int)Shape.Dimensions.Skip(axis + 1).Aggregate(1L, (p, d) => p * d.Length));
}
