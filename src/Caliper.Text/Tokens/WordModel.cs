using Caliper.Text.Normalizing;
using Caliper.Text.Splitting;
using Microsoft.ML.Tokenizers;

namespace Caliper.Text.Tokens;

/// <summary>Makes tokens word by word: WordPiece, or byte pairs of the words that a splitter makes.</summary>
/// <param name="normalization">What happens to the text first; null for nothing.</param>
/// <param name="splitter">Cuts it into words.</param>
/// <param name="pieces">Makes tokens of one word.</param>
internal sealed class WordModel(INormalization? normalization, IWordSplitter splitter, Tokenizer pieces) : ITokenModel
{
    /// <inheritdoc/>
    public void Encode(string text, List<int> ids, int most)
    {
        foreach (var word in splitter.Split(normalization?.Apply(text) ?? text))
        {
            if (ids.Count >= most) return;
            ids.AddRange(pieces.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
        }
    }
}
