using Microsoft.ML.Tokenizers;

namespace Caliper.Text.Tokens;

/// <summary>Makes tokens of the whole text at once, as SentencePiece does, which splits where the pieces are likeliest.</summary>
/// <param name="pieces">The pieces and their likelihoods, and how the text is normalized.</param>
internal sealed class SentenceModel(SentencePieceTokenizer pieces) : ITokenModel
{
    /// <summary>Id of the piece that white space at the text's end becomes; null where it is left out.</summary>
    public int? LastSpace { get; init; }

    /// <inheritdoc/>
    public void Encode(string text, List<int> ids, int most)
    {
        ids.AddRange(pieces.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false));
        if (LastSpace is { } space && text.Length > 0 && char.IsWhiteSpace(text[^1])) ids.Add(space);
    }
}
