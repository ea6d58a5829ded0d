using System.Collections;
using System.Globalization;

namespace Caliper.Torch.Modules;

/// <summary>
/// Modules called one after the other, named by their position (<c>0</c>, <c>1</c> …) or as given:
/// <c>new Sequential { { "conv", new Conv2d(3, 8, 3) }, { "relu", new ReLU() } }</c>.
/// </summary>
/// <remarks>Source: <c>torch.nn.Sequential</c>.</remarks>
public sealed class Sequential : Module, IEnumerable<KeyValuePair<string, Module>>
{
    private readonly OrderedDictionary<string, Module> _modules = new(StringComparer.Ordinal);

    /// <summary>Modules named by their position.</summary>
    public Sequential(params ReadOnlySpan<Module> modules)
    {
        foreach (var module in modules) Add(module);
    }

    /// <summary>Number of modules.</summary>
    public int Count => _modules.Count;

    /// <summary>Appends a module named by its position.</summary>
    public void Add(Module module) => Add(Count.ToString(CultureInfo.InvariantCulture), module);

    /// <summary>Appends a named module.</summary>
    /// <exception cref="CaliperException">The name is taken.</exception>
    public void Add(string name, Module module)
    {
        if (!_modules.TryAdd(name, module)) throw new CaliperException($"The sequence has two modules named '{name}'.");
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Module>> GetEnumerator() => _modules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x) => x.Through([.. _modules.Values]);

    internal override IEnumerable<KeyValuePair<string, object>> Members() =>
        _modules.Select(m => KeyValuePair.Create(m.Key, (object)m.Value));
}
