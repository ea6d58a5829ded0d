namespace Caliper.Observers;

/// <summary>A spec of an observer that has no range, and so no parameters: there is nothing to check, and no command-line name for it.</summary>
public abstract record RangelessSpec : ObserverSpec
{
    private protected RangelessSpec() { }

    /// <inheritdoc/>
    public sealed override string? CommandName => null;

    /// <inheritdoc/>
    protected internal sealed override void Validate() { }
}
