using System.Collections.Immutable;
using Caliper.Text.Reading;
using Caliper.Text.Tokens;

namespace Caliper.Text;

/// <summary>
/// Makes token ids of text, as the network that it belongs to was trained with. Safe to call from several threads.
/// </summary>
/// <remarks>
/// The tokens are Microsoft.ML.Tokenizers' (WordPiece, byte pairs, SentencePiece); normalization and the splitting into words are Hugging Face's,
/// and need no ICU. What a file asks for and this cannot do is refused by name.
/// </remarks>
public sealed class TextTokenizer
{
    private readonly ITokenModel _model;
    private readonly AddedTokens _added;
    private readonly SpecialTokens _special;

    private TextTokenizer(TokenizerParts parts) =>
        (_model, _added, _special, PaddingId) = (parts.Model, new AddedTokens(parts.Added), parts.Special, parts.PaddingId);

    /// <summary>The id that fills a sample up to the length of its batch; the attention mask is 0 there.</summary>
    public int PaddingId { get; }

    /// <summary>How many tokens are put around each text, such as 2 for <c>[CLS]</c> and <c>[SEP]</c>.</summary>
    public int SpecialTokenCount => _special.Count;

    /// <summary>
    /// Reads a tokenizer: <c>tokenizer.json</c> of Hugging Face, <c>vocab.txt</c> of BERT (one token a line), <c>vocab.json</c> of GPT-2 and RoBERTa
    /// with <c>merges.txt</c> beside it, or a SentencePiece <c>.model</c> with <c>tokenizer_config.json</c> beside it.
    /// </summary>
    /// <param name="path">The file, told apart by its name's end.</param>
    /// <exception cref="CaliperException">The file is missing or damaged, or asks for what Caliper does not do; the message names it.</exception>
    public static TextTokenizer Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new TextTokenizer(TokenizerFile.Read(path));
    }

    /// <summary>The ids of a text, special tokens included, at least one and at most <paramref name="maxLength"/>.</summary>
    /// <param name="text">The text. A longer one loses its end, never its special tokens; one of no token at all is the special tokens alone,
    /// or one padding token where there are none.</param>
    /// <param name="maxLength">The most ids, more than <see cref="SpecialTokenCount"/>.</param>
    /// <exception cref="CaliperException"><paramref name="maxLength"/> leaves no token for the text.</exception>
    public ImmutableArray<int> Encode(string text, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        CheckLength(maxLength);
        var (most, ids) = (maxLength - _special.Count, new List<int>());
        foreach (var (piece, token) in _added.Split(text))
        {
            if (ids.Count >= most) break;
            if (token is not null) ids.Add(token.Id);
            else _model.Encode(piece, ids, most);
        }
        if (ids.Count > most) ids.RemoveRange(most, ids.Count - most);
        if (ids.Count + _special.Count == 0) ids.Add(PaddingId);
        return [.. _special.Before, .. ids, .. _special.After];
    }

    /// <summary>Refuses a length that leaves no token for the text.</summary>
    internal void CheckLength(int maxLength)
    {
        if (maxLength <= _special.Count) throw new CaliperException(
            $"A maximal length of {maxLength} leaves no token for the text: {_special.Count} special tokens are put around it; take more.");
    }
}
