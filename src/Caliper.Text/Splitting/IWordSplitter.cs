namespace Caliper.Text.Splitting;

/// <summary>Cuts a normalized text into the words that a model makes tokens of, one by one.</summary>
internal interface IWordSplitter
{
    /// <summary>The words, in order, as the model's vocabulary has them.</summary>
    IEnumerable<string> Split(string text);
}
