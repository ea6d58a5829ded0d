namespace Caliper.Torch.Pickling;

/// <summary>A Python dictionary as the pickle filled it. Keys that are not text are dropped: no tensor name is one.</summary>
internal sealed class PickleDict
{
    /// <summary>The entries, in order of first insertion.</summary>
    public OrderedDictionary<string, object?> Entries { get; } = new(StringComparer.Ordinal);

    public void Set(object? key, object? value)
    {
        if (key is string name) Entries[name] = value;
    }
}
