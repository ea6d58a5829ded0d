using System.Text.Json;

namespace Caliper.Text.Reading;

/// <summary>Hugging Face's <c>tokenizer_config.json</c>, which says what a vocabulary alone does not; nothing where there is none.</summary>
internal sealed class TokenizerConfig
{
    private const string FileName = "tokenizer_config.json";

    private readonly string _path;
    private readonly JsonElement? _root;

    private TokenizerConfig(string path, JsonElement? root) => (_path, _root) = (path, root);

    /// <summary>Name of the class in Hugging Face's library; null where it is not said.</summary>
    public string? Class => Of("tokenizer_class") is { ValueKind: JsonValueKind.String } name
        ? name.GetString()!.Replace("Fast", "", StringComparison.Ordinal)
        : null;

    /// <summary>The one beside a file.</summary>
    public static TokenizerConfig Beside(string file)
    {
        var path = Path.Combine(Path.GetDirectoryName(file) ?? "", FileName);
        return new TokenizerConfig(path, File.Exists(path) ? TextFileReading.Json(path) : null);
    }

    /// <summary>A switch; null where it is not set.</summary>
    /// <exception cref="CaliperException">It is neither true nor false.</exception>
    public bool? Switch(string name) => Of(name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw new CaliperException($"'{_path}': '{name}' is neither true nor false."),
    };

    private JsonElement? Of(string name) => _root is { } root && root.TryGetProperty(name, out var value) ? value : null;
}
