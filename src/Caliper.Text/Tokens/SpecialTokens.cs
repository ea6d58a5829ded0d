using System.Collections.Immutable;

namespace Caliper.Text.Tokens;

/// <summary>What is put around the tokens of a text, such as <c>[CLS]</c> and <c>[SEP]</c>.</summary>
/// <param name="Before">Ids before the text.</param>
/// <param name="After">Ids after it.</param>
internal sealed record SpecialTokens(ImmutableArray<int> Before, ImmutableArray<int> After)
{
    /// <summary>Nothing.</summary>
    public static SpecialTokens None { get; } = new([], []);

    /// <summary>How many there are.</summary>
    public int Count => Before.Length + After.Length;
}
