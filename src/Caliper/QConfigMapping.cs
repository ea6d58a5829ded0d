using System.Collections.Immutable;

namespace Caliper;

/// <summary>
/// Which <see cref="QConfig"/> for which layer; PyTorch's <c>QConfigMapping</c>. An exact name comes before a pattern, a
/// pattern before an operator type, a type before the global one; null means that the layer stays float. Immutable: every
/// setter returns a new mapping.
/// </summary>
/// <param name="Global">For layers that nothing else names; null leaves them float.</param>
public sealed record QConfigMapping(QConfig? Global)
{
    private ImmutableSortedDictionary<string, QConfig?> _operatorTypes = NoNames;
    private ImmutableArray<(string Pattern, QConfig? QConfig)> _nameGlobs = [];
    private ImmutableSortedDictionary<string, QConfig?> _names = NoNames;

    private static readonly ImmutableSortedDictionary<string, QConfig?> NoNames =
        ImmutableSortedDictionary.Create<string, QConfig?>(StringComparer.Ordinal);

    /// <summary>By operator type, such as <c>Gemm</c>.</summary>
    public IReadOnlyDictionary<string, QConfig?> OperatorTypes => _operatorTypes;

    /// <summary>By pattern over the layer's name; of two that match, the later one counts.</summary>
    public ImmutableArray<(string Pattern, QConfig? QConfig)> NameGlobs => _nameGlobs;

    /// <summary>By the layer's name.</summary>
    public IReadOnlyDictionary<string, QConfig?> Names => _names;

    /// <summary>The same qconfig for every layer.</summary>
    public static implicit operator QConfigMapping(QConfig? qconfig) => new(qconfig);

    /// <summary>Sets the qconfig of an operator type; PyTorch's <c>set_object_type</c>.</summary>
    /// <param name="opType">The ONNX operator, such as <c>Gemm</c>.</param>
    /// <param name="qconfig">Null keeps these layers float.</param>
    public QConfigMapping SetOperatorType(string opType, QConfig? qconfig) =>
        this with { _operatorTypes = _operatorTypes.SetItem(opType, qconfig) };

    /// <summary>Sets the qconfig of layers by pattern; PyTorch's <c>set_module_name_regex</c>, with <c>*</c> and <c>?</c>.</summary>
    /// <param name="glob">Must match the whole name: <c>layer1.*</c>.</param>
    /// <param name="qconfig">Null keeps these layers float.</param>
    public QConfigMapping SetNameGlob(string glob, QConfig? qconfig) => this with { _nameGlobs = _nameGlobs.Add((glob, qconfig)) };

    /// <summary>Sets the qconfig of one layer; PyTorch's <c>set_module_name</c>.</summary>
    /// <param name="name">The layer's whole name.</param>
    /// <param name="qconfig">Null keeps the layer float.</param>
    public QConfigMapping SetName(string name, QConfig? qconfig) => this with { _names = _names.SetItem(name, qconfig) };

    /// <summary>The qconfig of a layer, or null where it stays float.</summary>
    public QConfig? For(string name, string opType)
    {
        if (_names.TryGetValue(name, out var qconfig)) return qconfig;
        for (var i = _nameGlobs.Length - 1; i >= 0; i--)
            if (NameGlob.Matches(_nameGlobs[i].Pattern, name)) return _nameGlobs[i].QConfig;
        return _operatorTypes.TryGetValue(opType, out qconfig) ? qconfig : Global;
    }

    /// <summary>Operator types, patterns and names that fit none of the layers: most likely slips of the pen.</summary>
    /// <param name="layers">All layers of the model.</param>
    public ImmutableArray<string> Unmatched(IEnumerable<(string Name, string OpType)> layers)
    {
        var all = layers.ToArray();
        var names = all.Select(layer => layer.Name).ToHashSet(StringComparer.Ordinal);
        var types = all.Select(layer => layer.OpType).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. _names.Keys.Where(name => !names.Contains(name)),
            .. _nameGlobs.Select(g => g.Pattern).Distinct().Where(pattern => !names.Any(name => NameGlob.Matches(pattern, name))),
            .. _operatorTypes.Keys.Where(type => !types.Contains(type)),
        ];
    }
}
