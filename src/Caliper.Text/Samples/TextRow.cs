using System.Globalization;

namespace Caliper.Text.Samples;

/// <summary>A row of a file of texts: one text, perhaps with a label, or two, perhaps with a score.</summary>
/// <param name="Line">The number of its line, from 1.</param>
/// <param name="Texts">One text, or two.</param>
/// <param name="Label">The class index.</param>
/// <param name="Score">How alike two texts are.</param>
internal sealed record TextRow(int Line, string[] Texts, int? Label, double? Score)
{
    /// <summary>The names that a text, the first of two, and the second go by.</summary>
    public static readonly string[] TextNames = ["text", "sentence"], FirstNames = ["sentence1"], SecondNames = ["sentence2"];

    /// <summary>The names that a label and a score go by.</summary>
    public const string LabelName = "label", ScoreName = "score";

    /// <summary>A row of entries by name.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="line">The row's line.</param>
    /// <param name="entry">The entry of a name; null where there is none.</param>
    public static TextRow Of(string path, int line, Func<string, string?> entry)
    {
        if (Any(TextNames, entry) is { } text) return new TextRow(line, [text], LabelOf(path, line, entry(LabelName)), null);
        if (Any(FirstNames, entry) is { } first && Any(SecondNames, entry) is { } second)
            return new TextRow(line, [first, second], null, ScoreOf(path, line, entry(ScoreName)));
        throw new CaliperException($"'{path}': line {line} has no 'text' or 'sentence', and no 'sentence1' with a 'sentence2'.");
    }

    private static string? Any(string[] names, Func<string, string?> entry) => names.Select(entry).FirstOrDefault(text => text is not null);

    private static int? LabelOf(string path, int line, string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var label) ? label
        : throw new CaliperException($"'{path}': the label '{text}' of line {line} is no class index, a whole number from 0.");

    private static double? ScoreOf(string path, int line, string? text) => text is null ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && double.IsFinite(score) ? score
        : throw new CaliperException($"'{path}': the score '{text}' of line {line} is no number.");
}
