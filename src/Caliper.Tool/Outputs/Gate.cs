using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Tool.Consoles;

namespace Caliper.Tool.Outputs;

/// <summary>The quality gate <c>--max-accuracy-drop</c>.</summary>
internal static class Gate
{
    /// <summary>Refuses a gate that could not be judged, before any work.</summary>
    public static void Check(double? maxDrop, ILoader data, string path)
    {
        if (maxDrop is not null && !data.HasLabels)
            throw new CaliperException($"--max-accuracy-drop needs labels, and '{path}' has none.");
    }

    /// <summary>The exit code, and one line on stderr where the gate is missed.</summary>
    public static int Judge(double? maxDrop, ComparisonResult result, ToolConsole console)
    {
        if (maxDrop is not { } most) return ExitCode.Ok;
        if (result.Acc1Drop is not { } drop)
            throw new CaliperException("--max-accuracy-drop cannot be judged: the model's first output holds no class scores.");
        if (drop <= most) return ExitCode.Ok;
        console.StatusWriter.WriteLine($"caliper: int8 loses {Numbers.Fixed(drop, 2)} points of Acc@1, more than the "
            + $"{Numbers.Fixed(most, 2)} that --max-accuracy-drop allows.");
        return ExitCode.QualityGateMissed;
    }
}
