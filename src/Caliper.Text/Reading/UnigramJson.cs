using Caliper.Text.Tokens;
using Microsoft.ML.Tokenizers;

namespace Caliper.Text.Reading;

/// <summary>
/// SentencePiece's unigrams as a tokenizer.json has them, written down as a SentencePiece model, which is what Microsoft.ML.Tokenizers reads.
/// </summary>
internal static class UnigramJson
{
    private const string Space = "\u2581";

    /// <summary>Reads the pieces and how a text is normalized.</summary>
    public static SentenceModel Read(JsonPart root, JsonPart model, string[] added)
    {
        if (model.Flag("byte_fallback", false)) throw model.Needed("byte_fallback").Refusal("bytes for unknown characters");
        var (charsMap, joinsSpaces) = NormalizationOf(root.Part("normalizer"));
        var keepsLastSpace = KeepsLastSpace(root, joinsSpaces);
        var pieces = model.Needed("vocab").Items.Select(pair => pair.Items.ToArray() is [var piece, var score]
            ? (Piece: piece.AsText, Score: score.AsFloat) : throw pair.Wrong("no pair of a piece and its likelihood")).ToArray();
        var unknown = model.Needed("unk_id").AsId;
        if (unknown >= pieces.Length) throw model.Wrong($"of {pieces.Length} pieces, but the unknown one is {unknown}");
        var file = SentencePieceProto.Write(pieces, unknown, added, charsMap);
        var tokenizer = TextFileReading.Guard(root.File, () => SentencePieceTokenizer.Create(new MemoryStream(file), false, false));
        var space = keepsLastSpace ? Array.FindIndex(pieces, p => p.Piece == Space) : -1;
        return new SentenceModel(tokenizer) { LastSpace = space < 0 ? null : space };
    }

    /// <summary>SentencePiece's table of characters, and whether spaces that follow each other become one.</summary>
    private static (byte[] CharsMap, bool JoinsSpaces) NormalizationOf(JsonPart? part)
    {
        if (part is null) return ([], false);
        JsonPart[] parts = part.Type is "Sequence" ? [.. part.Needed("normalizers").Items] : [part];
        byte[] map = [];
        var joins = false;
        foreach (var (index, step) in parts.Index())
        {
            if (step.Type is "Precompiled" && index == 0)
                map = TextFileReading.Guard(step.File, () => Convert.FromBase64String(step.Text("precompiled_charsmap")));
            else if (step.Type is "Replace" && step.Needed("pattern").Part("Regex") is { AsText: " {2,}" } && step.Text("content") is " ")
                joins = true;
            else throw step.Refusal($"the normalizer '{step.Type}' with unigrams");
        }
        return (map, joins);
    }

    /// <summary>Whether a space at the text's end is a piece of its own. Words that were cut at white space have none; nor have they several
    /// spaces between them, which only a normalizer takes away otherwise.</summary>
    private static bool KeepsLastSpace(JsonPart root, bool joinsSpaces)
    {
        var part = root.Part("pre_tokenizer") ?? throw root.Refusal("unigrams over texts whose spaces stay spaces");
        JsonPart[] parts = part.Type is "Sequence" ? [.. part.Needed("pretokenizers").Items] : [part];
        var cuts = parts is [{ Type: "WhitespaceSplit" }, _];
        if (parts[^1] is not { Type: "Metaspace" } marks || parts.Length > (cuts ? 2 : 1))
            throw part.Refusal("unigrams over words other than SentencePiece's");
        if (marks.Part("replacement") is { AsText: not Space } other) throw other.Refusal($"spaces that become '{other.AsText}'");
        var prefixes = marks.Part("prepend_scheme")?.AsText is { } scheme ? scheme is "always" : marks.Flag("add_prefix_space", true);
        if (!prefixes) throw marks.Refusal("texts that start with no space");
        if (!cuts && !joinsSpaces) throw part.Refusal("several spaces in a row as pieces");
        return !cuts;
    }
}
