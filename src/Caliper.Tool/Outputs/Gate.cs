using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Outputs;

/// <summary>The quality gates <c>--max-accuracy-drop</c>, <c>--min-cosine</c> and <c>--min-recall</c>.</summary>
internal static class Gate
{
    /// <summary>Refuses a gate that could not be judged, before any work.</summary>
    public static void Check(double? maxDrop, ILoader data, string path)
    {
        if (maxDrop is not null && !data.HasLabels)
            throw new CaliperException($"--max-accuracy-drop needs labels, and '{path}' has none.");
    }

    /// <summary>The exit code for vectors, and one line on stderr for each gate that is missed.</summary>
    public static int Judge(EvaluateOptions options, VectorReport? vectors, ToolConsole console)
    {
        if (vectors is null) return ExitCode.Ok;
        if (options.MinRecall is not null && vectors.Recall10 is null)
            throw new CaliperException("--min-recall cannot be judged: ten nearest of a sample need eleven samples or more.");
        string[] missed =
        [
            .. vectors.LeastCosine < options.MinCosine ? [$"'{vectors.LeastSample}' has a cosine of {Numbers.Fixed(vectors.LeastCosine, 5)}, less "
                + $"than the {Numbers.Fixed(options.MinCosine.Value, 5)} of --min-cosine"] : (string[])[],
            .. vectors.Recall10 < options.MinRecall ? [$"int8 finds {Numbers.Fixed(vectors.Recall10.Value, 2)} % of the ten nearest, less than the "
                + $"{Numbers.Fixed(options.MinRecall.Value, 2)} % of --min-recall"] : (string[])[],
        ];
        foreach (var line in missed) console.StatusWriter.WriteLine($"caliper: {line}.");
        return missed.Length == 0 ? ExitCode.Ok : ExitCode.QualityGateMissed;
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
