using System.Collections.Frozen;
using System.Collections.Immutable;
using Caliper.Fusion;
using Caliper.Observers;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>What becomes int8, what stays float and why, and where the observers sit. Made without any data.</summary>
public sealed class QuantizationPlan
{
    private readonly FrozenDictionary<string, ObservationSite> _siteOfValue;
    private readonly FrozenDictionary<Layer, LayerPlan> _planOfLayer;

    internal QuantizationPlan(ImmutableArray<LayerPlan> layers, ImmutableArray<ObservationSite> sites, ImmutableArray<WeightSite> weights)
    {
        (Layers, Sites, Weights) = (layers, sites, weights);
        _siteOfValue = sites.SelectMany(s => s.Values.Select(v => (v, s))).ToFrozenDictionary(p => p.v, p => p.s, StringComparer.Ordinal);
        _planOfLayer = layers.ToFrozenDictionary(l => l.Layer);
    }

    /// <summary>The decision for each layer, in execution order.</summary>
    public ImmutableArray<LayerPlan> Layers { get; }

    /// <summary>Where activations are observed, in execution order.</summary>
    public ImmutableArray<ObservationSite> Sites { get; }

    /// <summary>The constants that become int8.</summary>
    public ImmutableArray<WeightSite> Weights { get; }

    /// <summary>Why layers stay float or run in float.</summary>
    public IEnumerable<Diagnostic> Diagnostics => Layers.Select(l => l.Diagnostic).OfType<Diagnostic>();

    /// <summary>Layers that compute in float although the mapping has a qconfig for them; each has a diagnostic that says why. The network's
    /// result, which <see cref="QConfig.QuantizeOutputs"/> keeps float, is none of them, nor what only such layers read, nor what divides
    /// channels.</summary>
    /// <param name="mapping">What was asked for.</param>
    public IEnumerable<LayerPlan> FloatDespite(QConfigMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        return Layers.Where(l => l is { IsInteger: false, Diagnostic: { Code: not (Obstacle.Result or Obstacle.Unread or Obstacle.Division) } }
            && mapping.For(l.Layer.Name, l.Layer.OpType) is not null);
    }

    /// <summary>The site whose scale and zero point a value has, or null where the value is float.</summary>
    internal ObservationSite? SiteOf(string value) => _siteOfValue.GetValueOrDefault(value);

    /// <summary>Whether a value has 16 bits, at least for layers that do not multiply it.</summary>
    internal bool IsWide(string value) => SiteOf(value) is { IsWide: true };

    /// <summary>Whether a value has 16 bits for the layers that multiply it, too.</summary>
    internal bool HasWideProducts(string value) => SiteOf(value) is { HasWideProducts: true };

    internal LayerPlan PlanOf(Layer layer) => _planOfLayer[layer];
}

/// <summary>The decision for one layer.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Role">How it takes part.</param>
/// <param name="IsInteger">Whether it becomes int8.</param>
/// <param name="GivesFloat">Whether an int8 layer gives its result in float32, straight from the int32 sums.</param>
/// <param name="Diagnostic">Why it stays float, or what else there is to know.</param>
public sealed record LayerPlan(Layer Layer, OperatorRole Role, bool IsInteger, bool GivesFloat, Diagnostic? Diagnostic)
{
    /// <summary>Whether its result has 16 bits: float where other than linear layers read it, <c>uint16</c> where those do.</summary>
    public bool IsWide { get; init; }

    /// <summary>Whether a linear layer keeps its weights in float, between activations that are integers.</summary>
    public bool HasFloatWeights { get; init; }

    /// <summary>Whether it chooses rows of a table that is stored in int8, and gives them in float.</summary>
    public bool HasInt8Table { get; init; }

    /// <summary>Whether it is a recurrent layer whose weights are stored in int8, and which computes in float.</summary>
    public bool HasInt8Weights { get; init; }

    /// <summary>Whether it computes no float numbers: shapes, indices and conditions are neither int8 nor float layers.</summary>
    public bool IsOfWholeNumbers { get; init; }

    /// <summary>Whether anything of it becomes int8.</summary>
    internal bool HasIntegers => IsInteger || HasInt8Table || HasInt8Weights;
}

/// <summary>One observer's place: the values that share its scale and zero point, and those among them that it watches.</summary>
/// <param name="Name">The layer that makes the value, or the graph input's name.</param>
/// <param name="Spec">Which observer to put there.</param>
/// <param name="Observed">The values the observer sees; every other value of the site is made of these.</param>
/// <param name="Values">All values that share the scale and zero point.</param>
public sealed record ObservationSite(string Name, ObserverSpec Spec, ImmutableArray<string> Observed, ImmutableArray<string> Values)
{
    /// <summary>What graph constants that belong to the site are named after: unique, unlike a layer's name a value's.</summary>
    internal string Id => Observed[0];

    /// <summary>Whether it has 16 bits instead of 8.</summary>
    public bool IsWide { get; init; }

    /// <summary>Whether the layers that multiply it see 16 bits, too; otherwise they see 8.</summary>
    public bool HasWideProducts { get; init; }
}

/// <summary>A constant that becomes int8.</summary>
/// <param name="Layer">The layer that reads it.</param>
/// <param name="Initializer">Its name.</param>
/// <param name="Spec">The observer that proposes its scale, with the channel axis set.</param>
public sealed record WeightSite(Layer Layer, string Initializer, ObserverSpec Spec);
