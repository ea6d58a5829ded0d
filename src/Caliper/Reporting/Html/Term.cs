namespace Caliper.Reporting.Html;

/// <summary>A word of the field that the report explains.</summary>
/// <param name="Id">Its part of the anchor.</param>
/// <param name="Name">The word.</param>
/// <param name="Short">One sentence, shown where the mouse rests.</param>
/// <param name="Text">What the glossary adds to it.</param>
internal sealed record Term(string Id, string Name, string Short, string Text)
{
    /// <summary>Where the glossary explains it.</summary>
    public string Anchor => "term-" + Id;
}
