using Caliper.Text.Tokens;

namespace Caliper.Text.Reading;

/// <summary>Tells tokenizer files apart.</summary>
internal static class TokenizerFile
{
    /// <summary>Reads one, whatever its kind.</summary>
    /// <exception cref="CaliperException">It cannot be used; the message says why.</exception>
    public static TokenizerParts Read(string path)
    {
        if (Directory.Exists(path)) throw new CaliperException($"'{path}' is a folder; name the tokenizer's file in it, tokenizer.json as a rule.");
        var name = Path.GetFileName(path);
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".txt" => VocabularyText.Read(path),
            ".json" when name.EndsWith("vocab.json", StringComparison.OrdinalIgnoreCase) => VocabularyJson.Read(path),
            ".json" => TokenizerJson.Read(path),
            ".model" or ".spm" => SentencePieceFile.Read(path),
            _ => throw new CaliperException($"'{path}' is no tokenizer that Caliper knows: a tokenizer.json, a vocab.txt, a vocab.json with "
                + "merges.txt beside it, or a SentencePiece .model."),
        };
    }
}
