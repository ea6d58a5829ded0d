namespace Caliper.Text.Tokens;

/// <summary>Makes tokens of a text that holds no special ones. Safe to call from several threads.</summary>
internal interface ITokenModel
{
    /// <summary>Appends the ids of a text's tokens, from the first; may stop as soon as there are enough.</summary>
    /// <param name="text">The text as it was given.</param>
    /// <param name="ids">Receives the ids.</param>
    /// <param name="most">How many <paramref name="ids"/> are wanted at most; more do no harm.</param>
    void Encode(string text, List<int> ids, int most);
}
