using Caliper.Text.Tokens;
using Microsoft.ML.Tokenizers;

namespace Caliper.Text.Reading;

/// <summary>A SentencePiece <c>.model</c>. Which tokens are put around a text it does not say; <c>tokenizer_config.json</c> beside it does.</summary>
internal static class SentencePieceFile
{
    /// <summary>Reads both.</summary>
    public static TokenizerParts Read(string path)
    {
        var bytes = TextFileReading.Bytes(path);
        var config = TokenizerConfig.Beside(path);
        var tokenizer = TextFileReading.Guard(path, () => SentencePieceTokenizer.Create(new MemoryStream(bytes), false, false));
        var ids = tokenizer.Vocabulary;
        int IdOf(string token) => ids.TryGetValue(token, out var id) ? id : throw new CaliperException($"'{path}' has no piece {token}.");
        // XLM-RoBERTa and CamemBERT number the pieces differently from the file; ids by the file would be silently wrong.
        var special = config.Class switch
        {
            "T5Tokenizer" => new SpecialTokens([], [IdOf("</s>")]),
            "LlamaTokenizer" => new SpecialTokens(config.Switch("add_bos_token") ?? true ? [IdOf("<s>")] : [], config.Switch("add_eos_token") ?? false
                ? [IdOf("</s>")] : []),
            null => throw new CaliperException($"'{path}' does not say which tokens are put around a text: put the network's tokenizer_config.json "
                + "beside it, or give its tokenizer.json."),
            var type => throw new CaliperException($"'{path}' belongs to a {type}, whose ids are not the file's; give its tokenizer.json."),
        };
        AddedToken[] added = [.. new[] { "<s>", "</s>", "<pad>", "<unk>" }.Where(ids.ContainsKey).Select(t => new AddedToken(t, ids[t]))];
        return new TokenizerParts(new SentenceModel(tokenizer), added, special, ids.TryGetValue("<pad>", out var pad) ? pad : 0);
    }
}
