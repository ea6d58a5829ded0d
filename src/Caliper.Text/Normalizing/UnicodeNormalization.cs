using System.Text;

namespace Caliper.Text.Normalizing;

/// <summary>One of Unicode's normalization forms, by ICU.</summary>
internal sealed record UnicodeNormalization(NormalizationForm Form) : INormalization
{
    /// <summary>Whether the process has ICU; without it .NET leaves every text as it is, and says nothing.</summary>
    public static bool IsAvailable { get; } = "\u00E9".Normalize(NormalizationForm.FormD).Length == 2;

    /// <inheritdoc/>
    public string Apply(string text) => text.Normalize(Form);
}
