using System.CommandLine;

namespace Caliper.Tool.Options;

/// <summary>Options that several commands take, in the same words.</summary>
internal static class SharedSymbols
{
    /// <summary>Batches that calibrate: PyTorch's tutorial takes as many.</summary>
    public const int CalibrationBatches = 32;

    /// <summary>How many batches calibrate, wherever data does.</summary>
    public static Option<int> Batches() => new("--batches")
    {
        HelpName = "N",
        Description = "Batches to calibrate with, their samples evenly spaced over the data",
        DefaultValueFactory = _ => CalibrationBatches,
        CustomParser = Values.WholeNumber(1),
    };

    /// <summary>How many batches something is done with, all where none are named.</summary>
    /// <param name="purpose">What they are for.</param>
    public static Option<int?> BatchesOrAll(string purpose) => new("--batches")
    {
        HelpName = "N",
        Description = $"Batches to {purpose}, their samples evenly spaced over the data; without it, all",
        CustomParser = line => Values.WholeNumber(1)(line),
    };

    /// <summary>Where statistics go.</summary>
    public static Option<string> Statistics() => new("--output", "-o")
    {
        HelpName = "M.calib",
        Description = "Where the statistics go",
        Required = true,
    };

    /// <summary>Whether an output may be replaced.</summary>
    public static Option<bool> Overwrite() => new("--overwrite") { Description = "Replaces an existing output, which is an error otherwise" };

    /// <summary>The page that explains what int8 changed.</summary>
    public static Option<string?> ExplainingPage() => new("--report")
    {
        HelpName = "OUT.html",
        Description = "Also writes a page that explains: verdict, map, histograms; one file that needs no network",
    };

    /// <summary>The quality gate.</summary>
    public static Option<double?> MaxAccuracyDrop() => new("--max-accuracy-drop")
    {
        HelpName = "POINTS",
        Description = $"Exit code {ExitCode.QualityGateMissed} where int8 loses more percentage points of Acc@1 than this; "
            + "needs labels",
        CustomParser = Values.Points,
    };
}
