using Caliper.Text.Splitting;
using Caliper.Text.Tokens;

namespace Caliper.Text.Reading;

/// <summary><c>vocab.json</c> of GPT-2 and RoBERTa, with <c>merges.txt</c> beside it.</summary>
internal static class VocabularyJson
{
    private const string Merges = "merges.txt", Start = "<s>", End = "</s>", Padding = "<pad>", Mask = "<mask>";

    /// <summary>Reads both. A vocabulary with RoBERTa's <c>&lt;s&gt;</c> and <c>&lt;/s&gt;</c> puts them around a text; GPT-2 puts nothing.</summary>
    public static TokenizerParts Read(string path)
    {
        var tokens = TokenizerJson.TokensOf(new JsonPart(path, "", TextFileReading.Json(path)));
        if (tokens.Any(t => t.Length > 4 && t.EndsWith("</w>", StringComparison.Ordinal)))
            throw new CaliperException($"'{path}' marks the ends of words ('</w>'), which Caliper does not do; give its tokenizer.json.");
        var config = TokenizerConfig.Beside(path);
        if (config.Class is { } type and not ("RobertaTokenizer" or "GPT2Tokenizer"))
            throw new CaliperException($"'{path}' belongs to a {type}, of which vocab.json does not say enough; give its tokenizer.json.");
        var merges = TextFileReading.Text(Path.Combine(Path.GetDirectoryName(path) ?? "", Merges)).Split('\n').Select(line => line.TrimEnd('\r'))
            .Where((line, i) => line.Length > 0 && !(i == 0 && line.StartsWith("#version", StringComparison.Ordinal)));
        var ids = tokens.Select((token, id) => (token, id)).ToDictionary(t => t.token, t => t.id, StringComparer.Ordinal);
        var special = ids.TryGetValue(Start, out var start) && ids.TryGetValue(End, out var end)
            ? new SpecialTokens([start], [end]) : SpecialTokens.None;
        AddedToken[] added = [.. new[] { Start, End, Padding, "<unk>", "<|endoftext|>" }
                .Where(ids.ContainsKey).Select(t => new AddedToken(t, ids[t])),
            .. ids.TryGetValue(Mask, out var mask) ? [new AddedToken(Mask, mask, TakesSpaceBefore: true)] : (AddedToken[])[]];
        var model = new WordModel(null, new ByteLevelSplitter(config.Switch("add_prefix_space") ?? false),
            TokenizerJson.BytePairs(path, tokens, [.. merges]));
        return new TokenizerParts(model, added, special, ids.GetValueOrDefault(Padding, 0));
    }
}
