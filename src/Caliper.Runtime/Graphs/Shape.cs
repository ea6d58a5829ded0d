using System.Collections.Immutable;
using System.Globalization;

namespace Caliper.Graphs;

/// <summary>One axis of a shape: a length, a name shared by equal unknown lengths, or nothing known.</summary>
public readonly record struct Dimension
{
    private readonly long _length;

    private Dimension(long length, bool isKnown, string? symbol) => (_length, IsKnown, Symbol) = (length, isKnown, symbol);

    /// <summary>An axis of a known length.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static Dimension Of(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new(length, true, null);
    }

    /// <summary>An axis whose length is decided at run time, such as <c>batch</c>.</summary>
    public static Dimension Named(string symbol) => new(0, false, symbol);

    /// <summary>An axis of which nothing is known.</summary>
    public static Dimension Unknown => default;

    /// <summary>The length, or -1 where it is not known.</summary>
    public long Length => IsKnown ? _length : -1;

    /// <summary>The name of an unknown length, if it has one.</summary>
    public string? Symbol { get; }

    /// <summary>Whether the length is known.</summary>
    public bool IsKnown { get; }

    /// <summary>An axis of a known length.</summary>
    public static implicit operator Dimension(long length) => Of(length);

    /// <inheritdoc/>
    public override string ToString() => IsKnown ? Length.ToString(CultureInfo.InvariantCulture) : Symbol ?? "?";
}

/// <summary>The axes of a tensor, outermost first. A scalar has none.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    private readonly ImmutableArray<Dimension> _dimensions;

    /// <summary>Creates a shape from its axes.</summary>
    public Shape(ImmutableArray<Dimension> dimensions) => _dimensions = dimensions;

    /// <summary>A static shape.</summary>
    public static Shape Of(params ReadOnlySpan<long> lengths)
    {
        var dimensions = ImmutableArray.CreateBuilder<Dimension>(lengths.Length);
        foreach (var length in lengths) dimensions.Add(length);
        return new(dimensions.MoveToImmutable());
    }

    /// <summary>The shape of a scalar.</summary>
    public static Shape Scalar => default;

    /// <summary>The axes, outermost first.</summary>
    public ImmutableArray<Dimension> Dimensions => _dimensions.IsDefault ? [] : _dimensions;

    /// <summary>Number of axes.</summary>
    public int Rank => Dimensions.Length;

    /// <summary>The axis at <paramref name="axis"/>; negative counts from the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public Dimension this[int axis]
    {
        get
        {
            var (dimensions, at) = (Dimensions, axis < 0 ? axis + Rank : axis);
            return (uint)at < (uint)dimensions.Length ? dimensions[at]
                : throw new ArgumentOutOfRangeException(nameof(axis), axis, $"The shape {this} has no such axis.");
        }
    }

    /// <summary>Whether every length is known.</summary>
    public bool IsStatic => Dimensions.All(d => d.IsKnown);

    /// <summary>Number of elements of a static shape.</summary>
    /// <exception cref="CaliperException">A length is not known.</exception>
    /// <exception cref="OverflowException">The product does not fit.</exception>
    public long ElementCount
    {
        get
        {
            long count = 1;
            foreach (var dimension in Dimensions)
            {
                if (!dimension.IsKnown) throw new CaliperException($"The shape {this} is not static.");
                count = checked(count * dimension.Length);
            }
            return count;
        }
    }

    /// <summary>The lengths, -1 where one is not known.</summary>
    public long[] ToArray() => [.. Dimensions.Select(d => d.Length)];

    /// <summary>The same shape with another length at <paramref name="axis"/>.</summary>
    public Shape With(int axis, Dimension dimension) => new(Dimensions.SetItem(axis < 0 ? axis + Rank : axis, dimension));

    /// <inheritdoc/>
    public bool Equals(Shape other) => Dimensions.AsSpan().SequenceEqual(other.Dimensions.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var dimension in Dimensions) hash.Add(dimension);
        return hash.ToHashCode();
    }

    /// <summary>Whether two shapes have the same axes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>The axes joined by ×, such as <c>N×3×32×32</c>; <c>scalar</c> for none.</summary>
    public override string ToString() => Rank == 0 ? "scalar" : string.Join('×', Dimensions);
}
