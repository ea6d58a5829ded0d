using System.Text;
using Caliper.Text.Normalizing;
using Caliper.Text.Splitting;
using Caliper.Text.Tokens;
using Microsoft.ML.Tokenizers;

namespace Caliper.Text.Reading;

/// <summary>BERT's <c>vocab.txt</c>: a token a line, its id the line's number from 0.</summary>
internal static class VocabularyText
{
    public const string Unknown = "[UNK]", Classification = "[CLS]", Separator = "[SEP]", Padding = "[PAD]", Mask = "[MASK]";

    /// <summary>BERT's own limit: a longer word is unknown.</summary>
    private const int MostCharactersPerWord = 100;

    private static readonly string[] BertClasses =
        ["BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer", "ConvBertTokenizer"];

    /// <summary>Reads the vocabulary, and what <c>tokenizer_config.json</c> beside it says. Where that does not say whether letters are made small, a
    /// vocabulary without a large one tells.</summary>
    public static TokenizerParts Read(string path)
    {
        var tokens = LinesOf(TextFileReading.Text(path));
        var config = TokenizerConfig.Beside(path);
        if (config.Class is { } type && !BertClasses.Contains(type))
            throw new CaliperException($"'{path}' belongs to a {type}, of which vocab.txt does not say enough; give its tokenizer.json.");
        if (config.Switch("do_basic_tokenize") is false)
            throw new CaliperException($"'{path}' is to be used without splitting words (do_basic_tokenize), which Caliper does not do.");
        var lower = config.Switch("do_lower_case") ?? !tokens.Any(HasLargeLetter);
        var normalization = new BertNormalization(CleanText: true, SplitIdeographs: config.Switch("tokenize_chinese_chars") ?? true,
            StripAccents: config.Switch("strip_accents") ?? lower, LowerCase: lower);
        var ids = tokens.Index().GroupBy(t => t.Item, t => t.Index).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        int IdOf(string token) => ids.TryGetValue(token, out var id) ? id : throw new CaliperException(
            $"'{path}' has no token {token}, which a vocabulary of BERT has; where the network is another, give its tokenizer.json.");
        var pieces = PiecesOf(path, tokens, Unknown, "##", MostCharactersPerWord);
        string[] special = [Unknown, Separator, Padding, Classification, Mask];
        return new TokenizerParts(new WordModel(normalization, BertSplitter.Instance, pieces),
            [.. special.Where(ids.ContainsKey).Select(t => new AddedToken(t, ids[t]))],
            new SpecialTokens([IdOf(Classification)], [IdOf(Separator)]), IdOf(Padding));
    }

    /// <summary>WordPiece over a vocabulary.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="tokens">The tokens in the order of their ids.</param>
    /// <param name="unknown">What a word becomes that cannot be put together.</param>
    /// <param name="prefix">What marks a piece that starts no word.</param>
    /// <param name="mostCharacters">A longer word is unknown.</param>
    public static WordPieceTokenizer PiecesOf(string path, IReadOnlyList<string> tokens, string unknown, string prefix, int mostCharacters)
    {
        if (tokens.Index().GroupBy(t => t.Item).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new CaliperException($"'{path}' has the token '{twice.Key}' twice, as {string.Join(" and ", twice.Take(2).Select(t => t.Index))}.");
        if (!tokens.Contains(unknown)) throw new CaliperException($"'{path}' has no token {unknown} for unknown words.");
        var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', tokens) + "\n"));
        return TextFileReading.Guard(path, () => WordPieceTokenizer.Create(stream, new WordPieceOptions
        {
            UnknownToken = unknown,
            ContinuingSubwordPrefix = prefix,
            MaxInputCharsPerWord = mostCharacters,
        }));
    }

    private static string[] LinesOf(string text)
    {
        var lines = text.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }

    /// <summary>Whether small letters would be another token. Vocabularies of small letters, too, have ℝ, which has no small form.</summary>
    private static bool HasLargeLetter(string token) => token is not ['[', .., ']'] && token.ToLowerInvariant() != token;
}
