using Caliper.Analysis;

namespace Caliper.Tool.Reports;

/// <summary>What mends a finding, as options of <c>caliper quantize</c> where there are such.</summary>
internal static class FixText
{
    public static string Of(Fix fix) => fix.Kind switch
    {
        FixKind.KeepFloat => string.Join(' ', fix.Layers.Select(l => $"--exclude '{l}'")),
        FixKind.Recalibrate => $"{QConfigOf(fix)}, and calibrate with data like this",
        FixKind.PerChannelWeights => $"{QConfigOf(fix)}, which gives each channel a scale of its own",
        _ => fix.ToString(),
    };

    private static string QConfigOf(Fix fix) =>
        $"In the file for --qconfig: \"name\": {{ {string.Join(", ", fix.Layers.Select(l => $"\"{l}\": \"{fix.QConfig}\""))} }}";
}
