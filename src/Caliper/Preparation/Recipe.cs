using System.Collections.Immutable;
using System.Text;

namespace Caliper.Preparation;

/// <summary>
/// Which parts of a network get more than 8 bits, and why, and by what channels are divided. A search writes it; a person can read and edit
/// it; applied again to the same network and calibration it gives the same int8 network. What it does not name has 8 bits.
/// </summary>
public sealed record Recipe
{
    /// <summary>Everything in 8 bits.</summary>
    public static Recipe Empty { get; } = new();

    /// <summary>Bits of activations, by the tensor's name: 8, 16, or 32 for float, also where it is multiplied.</summary>
    public ImmutableSortedDictionary<string, RecipeChoice> Activations { get; init; } =
        ImmutableSortedDictionary.Create<string, RecipeChoice>(StringComparer.Ordinal);

    /// <summary>Bits of the weights of linear layers, by the layer's name: 8, or 32 for float.</summary>
    public ImmutableSortedDictionary<string, RecipeChoice> Weights { get; init; } =
        ImmutableSortedDictionary.Create<string, RecipeChoice>(StringComparer.Ordinal);

    /// <summary>By what channels are divided before all else; <see cref="FusedModel.Equalize"/> does it.</summary>
    public ChannelFactors Equalization { get; init; } = ChannelFactors.None;

    /// <summary>Whether it changes nothing.</summary>
    public bool IsEmpty => Equalization.IsEmpty && Activations.Values.Concat(Weights.Values).All(c => c.Bits == 8);

    /// <summary>Reads a recipe from a JSON file; see <see cref="FromJson"/>.</summary>
    /// <exception cref="CaliperException">The file cannot be read, or is not such JSON; the message says where.</exception>
    public static Recipe Load(string path) => RecipeJson.Load(path);

    /// <summary>Writes the JSON file that <see cref="Load"/> reads; a file of that name is replaced, whole or not at all.</summary>
    /// <exception cref="CaliperException">The file cannot be written.</exception>
    public void Save(string path) => RecipeJson.Save(this, path);

    /// <summary>Reads <c>{"activations": {"tensor": {"bits": 16}}, "weights": {"layer": {"bits": 32}}}</c>, each part optional; a choice may
    /// also hold <c>product_bits</c>, <c>reason</c>, <c>output_decibels</c> and <c>cost</c>; and <c>"equalization": {"divided": {"value":
    /// [0, 1, -2]}, "undone": {"reader": "value"}, "reads": {"product": [1, 0, 3]}}</c>.</summary>
    /// <exception cref="CaliperException">It is not such JSON; the message says where.</exception>
    public static Recipe FromJson(string json) => RecipeJson.Read(Encoding.UTF8.GetBytes(json), "The recipe");

    /// <summary>The JSON that <see cref="FromJson"/> reads, indented.</summary>
    public string ToJson() => RecipeJson.Write(this);

    internal bool IsWide(string value) => Activations.TryGetValue(value, out var choice) && choice.Bits > 8;

    internal bool HasWideProducts(string value) => Activations.TryGetValue(value, out var choice) && choice.ProductBits == 16;

    internal bool HasFloatProducts(string value) => Activations.TryGetValue(value, out var choice) && choice.ProductBits == 32;

    internal bool HasFloatWeights(string layer) => Weights.TryGetValue(layer, out var choice) && choice.Bits == 32;
}

/// <summary>One choice of a recipe.</summary>
/// <param name="Bits">How many bits a value has.</param>
public sealed record RecipeChoice(int Bits)
{
    /// <summary>How many bits of an activation the layers see that multiply it: 8 where it has 16 for all others, as a residual stream may, which
    /// costs no multiply-adds of 16 bits.</summary>
    public int ProductBits { get; init; } = Bits;

    /// <summary>Why, for people.</summary>
    public string? Reason { get; init; }

    /// <summary>Signal-to-noise ratio at the output, in dB, if this place alone had 8 bits: the lower, the more was to be won.</summary>
    public double? OutputDecibels { get; init; }

    /// <summary>Share of the network's multiply-adds that this makes more expensive, 0..1.</summary>
    public double? Cost { get; init; }
}
