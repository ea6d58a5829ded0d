namespace Caliper.Torch.Modules;

/// <summary>Nothing: what comes in goes out. Adds no node to the graph.</summary>
/// <remarks>Source: <c>torch.nn.Identity</c>.</remarks>
public sealed class Identity : Module
{
    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x) => x;
}

/// <summary>Nothing at inference; present so that the modules after it keep their numbers. Adds no node to the graph.</summary>
/// <remarks>Source: <c>torch.nn.Dropout</c> in evaluation mode.</remarks>
public sealed class Dropout(double probability = 0.5) : Module
{
    /// <summary>Share of elements dropped in training; no effect here.</summary>
    public double Probability { get; } = probability;

    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x) => x;
}
