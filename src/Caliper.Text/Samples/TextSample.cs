namespace Caliper.Text.Samples;

/// <summary>A text of some data.</summary>
/// <param name="Text">The text.</param>
/// <param name="Label">Its class index, from 0; null where the data has none.</param>
/// <param name="Name">What to call it in a message, such as <c>sentences.txt:12</c>.</param>
internal sealed record TextSample(string Text, int? Label, string Name);
