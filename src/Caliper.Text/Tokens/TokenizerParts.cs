namespace Caliper.Text.Tokens;

/// <summary>All that a tokenizer's files say.</summary>
/// <param name="Model">Makes tokens of text.</param>
/// <param name="Added">Tokens that are looked for first.</param>
/// <param name="Special">What is put around a text.</param>
/// <param name="PaddingId">Fills a sample up to the length of its batch.</param>
internal sealed record TokenizerParts(ITokenModel Model, IReadOnlyList<AddedToken> Added, SpecialTokens Special, int PaddingId);
