using Caliper.Graphs;

namespace Caliper;

/// <summary>A trained float network, as it was loaded.</summary>
public sealed class FloatModel
{
    /// <summary>Wraps a model that is already in memory.</summary>
    public FloatModel(Model model) => Model = model;

    /// <summary>The network.</summary>
    public Model Model { get; }
}
