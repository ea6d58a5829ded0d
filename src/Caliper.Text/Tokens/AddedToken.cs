namespace Caliper.Text.Tokens;

/// <summary>A token that is looked for in the text itself, before anything else happens to it.</summary>
/// <param name="Content">What it looks like, such as <c>[MASK]</c>.</param>
/// <param name="Id">Its id.</param>
/// <param name="TakesSpaceBefore">Whether white space before it belongs to it.</param>
/// <param name="TakesSpaceAfter">Whether white space after it belongs to it.</param>
internal sealed record AddedToken(string Content, int Id, bool TakesSpaceBefore = false, bool TakesSpaceAfter = false);
