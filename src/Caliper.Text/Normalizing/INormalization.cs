namespace Caliper.Text.Normalizing;

/// <summary>What happens to a text before it is split into words.</summary>
internal interface INormalization
{
    /// <summary>The text as the vocabulary has it.</summary>
    string Apply(string text);
}
