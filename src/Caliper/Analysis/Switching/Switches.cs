using System.Collections.Immutable;
using Caliper.Numerics;

namespace Caliper.Analysis.Switching;

/// <summary>Which tensors round to their int8 values, and to which.</summary>
/// <param name="Tensors">Scale and zero point of each tensor that rounds, by its place; the others stay float.</param>
/// <param name="Weights">The weights that round, by their places.</param>
internal sealed record Switches(ImmutableDictionary<int, QuantizationParameters> Tensors, ImmutableHashSet<int> Weights)
{
    /// <summary>Tensors that round only for the layers that multiply them, and stay float for all others.</summary>
    public ImmutableHashSet<int> Streams { get; init; } = [];

    /// <summary>Nothing rounds.</summary>
    public static Switches Off { get; } = new(ImmutableDictionary<int, QuantizationParameters>.Empty, []);

    /// <summary>Some tensors round with one scale and zero point.</summary>
    public Switches With(IEnumerable<int> tensors, QuantizationParameters parameters) =>
        this with { Tensors = Tensors.SetItems(tensors.Select(t => KeyValuePair.Create(t, parameters))) };

    /// <summary>Some tensors stay float.</summary>
    public Switches Without(IEnumerable<int> tensors) => this with { Tensors = Tensors.RemoveRange(tensors) };
}
