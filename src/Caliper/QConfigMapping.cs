using System.Collections.Immutable;
using System.Text;

namespace Caliper;

/// <summary>
/// Which <see cref="QConfig"/> for which layer; PyTorch's <c>QConfigMapping</c>. An exact name comes before a pattern, a
/// pattern before an operator type, a type before the global one; null means that the layer stays float. Immutable: every
/// setter returns a new mapping.
/// </summary>
public sealed class QConfigMapping
{
    /// <summary>The same qconfig for every layer.</summary>
    /// <param name="global">Null leaves every layer float that nothing else names.</param>
    public QConfigMapping(QConfig? global) => Global = global;

    /// <summary>For layers that nothing else names; null leaves them float.</summary>
    public QConfig? Global { get; private init; }

    /// <summary>By operator type, such as <c>Gemm</c>.</summary>
    public ImmutableSortedDictionary<string, QConfig?> OperatorTypes { get; private init; } =
        ImmutableSortedDictionary.Create<string, QConfig?>(StringComparer.Ordinal);

    /// <summary>By pattern over the layer's name; of two that match, the later one counts.</summary>
    public ImmutableArray<(string Pattern, QConfig? QConfig)> NameGlobs { get; private init; } = [];

    /// <summary>By the layer's name.</summary>
    public ImmutableSortedDictionary<string, QConfig?> Names { get; private init; } =
        ImmutableSortedDictionary.Create<string, QConfig?>(StringComparer.Ordinal);

    /// <summary>The same qconfig for every layer.</summary>
    public static implicit operator QConfigMapping(QConfig? qconfig) => new(qconfig);

    /// <summary>Sets the qconfig of an operator type; PyTorch's <c>set_object_type</c>.</summary>
    /// <param name="opType">The ONNX operator, such as <c>Gemm</c>.</param>
    /// <param name="qconfig">Null keeps these layers float.</param>
    public QConfigMapping SetOperatorType(string opType, QConfig? qconfig) =>
        new(Global) { OperatorTypes = OperatorTypes.SetItem(opType, qconfig), NameGlobs = NameGlobs, Names = Names };

    /// <summary>Sets the qconfig of layers by pattern; PyTorch's <c>set_module_name_regex</c>.</summary>
    /// <param name="glob">Must match the whole name: <c>*</c> is any characters, <c>?</c> is one, as in <c>layer1.*</c>.</param>
    /// <param name="qconfig">Null keeps these layers float.</param>
    public QConfigMapping SetNameGlob(string glob, QConfig? qconfig) =>
        new(Global) { OperatorTypes = OperatorTypes, NameGlobs = NameGlobs.Add((glob, qconfig)), Names = Names };

    /// <summary>Sets the qconfig of one layer; PyTorch's <c>set_module_name</c>.</summary>
    /// <param name="name">The layer's whole name.</param>
    /// <param name="qconfig">Null keeps the layer float.</param>
    public QConfigMapping SetName(string name, QConfig? qconfig) =>
        new(Global) { OperatorTypes = OperatorTypes, NameGlobs = NameGlobs, Names = Names.SetItem(name, qconfig) };

    /// <summary>The qconfig of a layer, or null where it stays float.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="opType">Its ONNX operator.</param>
    public QConfig? For(string name, string opType)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Names.TryGetValue(name, out var qconfig)) return qconfig;
        for (var i = NameGlobs.Length - 1; i >= 0; i--)
        {
            if (NameGlob.Matches(NameGlobs[i].Pattern, name)) return NameGlobs[i].QConfig;
        }
        return OperatorTypes.TryGetValue(opType, out qconfig) ? qconfig : Global;
    }

    /// <summary>Names, patterns and operator types that fit none of the layers: most likely slips of the pen.</summary>
    /// <param name="layers">All layers of the model.</param>
    public ImmutableArray<string> Unmatched(IEnumerable<(string Name, string OpType)> layers)
    {
        var all = layers.ToArray();
        var names = all.Select(layer => layer.Name).ToHashSet(StringComparer.Ordinal);
        var types = all.Select(layer => layer.OpType).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Names.Keys.Where(name => !names.Contains(name)),
            .. NameGlobs.Select(g => g.Pattern).Distinct().Where(pattern => !names.Any(name => NameGlob.Matches(pattern, name))),
            .. OperatorTypes.Keys.Where(type => !types.Contains(type)),
        ];
    }

    /// <summary>Reads a mapping, or a single qconfig for every layer, from a JSON file; see <see cref="FromJson"/>.</summary>
    /// <exception cref="CaliperException">The file cannot be read, or is not such JSON; the message says where.</exception>
    public static QConfigMapping Load(string path) => QConfigFile.Load(path);

    /// <summary>Writes the JSON file that <see cref="Load"/> reads; a file of that name is replaced, whole or not at
    /// all.</summary>
    /// <exception cref="CaliperException">The file cannot be written.</exception>
    public void Save(string path) => QConfigFile.Save(this, path);

    /// <summary>
    /// Reads <c>{"global": …, "operator_type": {"Gemm": …}, "name_glob": [{"pattern": "layer1.*", "qconfig": …}], "name":
    /// {"fc": …}}</c>, each part optional but the first. A qconfig is <c>null</c>, a preset's name such as <c>"x86"</c>, or
    /// <c>{"activation": {"observer": …}, "weight": {"observer": …}}</c>; one alone stands for every layer.
    /// </summary>
    /// <exception cref="CaliperException">It is not such JSON; the message says where.</exception>
    public static QConfigMapping FromJson(string json) => QConfigJson.Read(Encoding.UTF8.GetBytes(json), "The qconfig");

    /// <summary>The JSON that <see cref="FromJson"/> reads, indented.</summary>
    public string ToJson() => QConfigJson.Write(this);

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ",
        NameGlobs.Select(g => (Key: g.Pattern, g.QConfig))
            .Concat(OperatorTypes.Concat(Names).Select(pair => (pair.Key, QConfig: pair.Value)))
            .Prepend((Key: "global", QConfig: Global))
            .Select(part => $"{part.Key}={part.QConfig?.ToString() ?? "float"}"));
}
