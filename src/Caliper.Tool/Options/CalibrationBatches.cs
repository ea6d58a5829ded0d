using System.CommandLine;

namespace Caliper.Tool.Options;

/// <summary>How many batches calibrate, wherever data does.</summary>
internal static class CalibrationBatches
{
    /// <summary>PyTorch's tutorial takes as many.</summary>
    public const int Default = 32;

    public static Option<int> Symbol() => new("--batches")
    {
        HelpName = "N",
        Description = "Batches to calibrate with, their samples evenly spaced over the data",
        DefaultValueFactory = _ => Default,
        CustomParser = Values.WholeNumber(1),
    };
}
