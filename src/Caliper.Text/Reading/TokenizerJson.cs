using Caliper.Text.Splitting;
using Caliper.Text.Tokens;
using Microsoft.ML.Tokenizers;

namespace Caliper.Text.Reading;

/// <summary>Hugging Face's <c>tokenizer.json</c>: WordPiece with BERT's words, byte pairs with GPT-2's, and SentencePiece's unigrams.</summary>
internal static class TokenizerJson
{
    /// <summary>Reads it.</summary>
    /// <exception cref="CaliperException">It is damaged, or asks for what Caliper does not do; the message names the part.</exception>
    public static TokenizerParts Read(string path)
    {
        var root = new JsonPart(path, "", TextFileReading.Json(path));
        var added = root.Part("added_tokens")?.Items.Select(AddedOf).ToArray() ?? [];
        var model = root.Needed("model");
        if (root.Part("truncation") is { } truncation && truncation.Part("direction") is { AsText: not "Right" })
            throw truncation.Refusal("texts that lose their beginning");
        if (root.Part("padding") is { } padding && padding.Part("direction") is { AsText: not "Right" })
            throw padding.Refusal("padding before the text");
        ITokenModel tokens = model.Type switch
        {
            "WordPiece" => WordPieceOf(root, model),
            "BPE" => BytePairsOf(root, model),
            "Unigram" => UnigramJson.Read(root, model, [.. added.Select(a => a.Content)]),
            var type => throw model.Refusal($"the model '{type}'"),
        };
        return new TokenizerParts(tokens, added, TemplateJson.Read(root.Part("post_processor")), PaddingOf(root, added));
    }

    /// <summary>A vocabulary of the form <c>{"token": id}</c>, in the order of the ids.</summary>
    public static string[] TokensOf(JsonPart vocabulary)
    {
        var entries = vocabulary.Members.Select(m => (Token: m.Place, Id: m.AsId)).OrderBy(m => m.Id).ToArray();
        if (entries.Length == 0) throw vocabulary.Wrong("empty");
        if (entries.Index().FirstOrDefault(e => e.Index != e.Item.Id) is { Item.Token: { } token } gap)
            throw vocabulary.Wrong($"not numbered from 0 on without gaps: '{token}' is {gap.Item.Id}, the {gap.Index}th by number");
        return [.. entries.Select(e => e.Token)];
    }

    private static WordModel WordPieceOf(JsonPart root, JsonPart model)
    {
        if (root.Part("pre_tokenizer") is not { Type: "BertPreTokenizer" })
            throw (root.Part("pre_tokenizer") ?? root).Refusal("WordPiece over words other than BERT's");
        var (prefix, most) = (model.Part("continuing_subword_prefix")?.AsText ?? "##", model.Part("max_input_chars_per_word")?.AsId ?? 100);
        var pieces = VocabularyText.PiecesOf(root.File, TokensOf(model.Needed("vocab")), model.Text("unk_token"), prefix, most);
        return new WordModel(NormalizerJson.Read(root.Part("normalizer")), BertSplitter.Instance, pieces);
    }

    private static WordModel BytePairsOf(JsonPart root, JsonPart model)
    {
        if (model.Part("dropout") is { } dropout && dropout.AsFloat != 0) throw dropout.Refusal("tokens at random");
        foreach (var name in new[] { "byte_fallback", "ignore_merges" })
        {
            if (model.Flag(name, false)) throw model.Needed(name).Refusal($"'{name}'");
        }
        foreach (var name in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (model.Part(name) is { AsText.Length: > 0 } mark) throw mark.Refusal($"pieces that are marked '{mark.AsText}'");
        }
        var merges = model.Needed("merges").Items.Select(m => m.Value.ValueKind is System.Text.Json.JsonValueKind.String ? m.AsText
            : m.Items.Select(part => part.AsText).ToArray() is [var left, var right] ? $"{left} {right}" : throw m.Wrong("no pair"));
        return new WordModel(NormalizerJson.Read(root.Part("normalizer")), SplitterOf(root),
            BytePairs(root.File, TokensOf(model.Needed("vocab")), [.. merges]));
    }

    /// <summary>Byte pairs over a vocabulary.</summary>
    public static BpeTokenizer BytePairs(string path, IEnumerable<string> tokens, IEnumerable<string> merges) => TextFileReading.Guard(path, () =>
        BpeTokenizer.Create(new BpeOptions(tokens.Select((token, id) => KeyValuePair.Create(token, id))) { Merges = merges }));

    private static ByteLevelSplitter SplitterOf(JsonPart root)
    {
        var part = root.Part("pre_tokenizer") ?? throw root.Refusal("byte pairs over whole texts");
        if (part.Type is "Sequence" && part.Needed("pretokenizers").Items.ToArray() is [var only]) part = only;
        if (part.Type is not "ByteLevel") throw part.Refusal($"the words of '{part.Type}'");
        return part.Flag("use_regex", true) ? new ByteLevelSplitter(part.Flag("add_prefix_space", true))
            : throw part.Refusal("bytes of whole texts");
    }

    private static AddedToken AddedOf(JsonPart token) => token.Flag("single_word", false)
        ? throw token.Refusal($"'{token.Text("content")}' as a whole word alone")
        : new AddedToken(token.Text("content"), token.Needed("id").AsId, token.Flag("lstrip", false), token.Flag("rstrip", false));

    private static int PaddingOf(JsonPart root, IEnumerable<AddedToken> added) => root.Part("padding")?.Part("pad_id")?.AsId
        ?? added.FirstOrDefault(a => a.Content is VocabularyText.Padding or "<pad>")?.Id ?? 0;
}
