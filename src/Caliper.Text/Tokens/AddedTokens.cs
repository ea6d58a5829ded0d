using System.Buffers;

namespace Caliper.Text.Tokens;

/// <summary>Takes the added tokens out of a text: the first that comes, of several at one place the longest.</summary>
internal sealed class AddedTokens
{
    private readonly AddedToken[] _tokens;
    private readonly SearchValues<string> _contents;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        _tokens = [.. tokens.Where(t => t.Content.Length > 0).OrderByDescending(t => t.Content.Length)];
        _contents = SearchValues.Create([.. _tokens.Select(t => t.Content)], StringComparison.Ordinal);
    }

    /// <summary>The pieces of a text in order: a text, or an added token.</summary>
    public IEnumerable<(string Text, AddedToken? Token)> Split(string text)
    {
        var start = 0;
        while (_tokens.Length > 0 && start < text.Length && text.AsSpan(start).IndexOfAny(_contents) is >= 0 and var found)
        {
            var at = start + found;
            var token = _tokens.First(t => text.AsSpan(at).StartsWith(t.Content, StringComparison.Ordinal));
            var before = text[start..at];
            if (token.TakesSpaceBefore) before = before.TrimEnd();
            if (before.Length > 0) yield return (before, null);
            yield return (token.Content, token);
            var after = at + token.Content.Length;
            start = token.TakesSpaceAfter ? text.Length - text.AsSpan(after).TrimStart().Length : after;
        }
        if (start < text.Length) yield return (text[start..], null);
    }
}
