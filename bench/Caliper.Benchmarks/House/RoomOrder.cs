namespace Caliper.House;

/// <summary>The rooms of each package, each above those that may import it. A room is a folder, and its namespace.</summary>
internal static class RoomOrder
{
    /// <summary>Package by package, its rooms in the order of imports.</summary>
    public static IReadOnlyDictionary<string, string[]> Packages { get; } = new SortedDictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["Caliper.Runtime"] =
        [
            "Foundation", "Files", "Graphs", "Operators", "Graphs/Shapes", "Numerics", "Onnx", "Onnx/Upgrades", "Assembly",
            "Engine/Values", "Kernels", "Kernels/Dense", "Kernels/Bytes", "Kernels/Convolution", "Kernels/Convolution/Vectors",
            "Kernels/Convolution/Assembled", "Kernels/Convolution/Tiles", "Kernels/Products", "Kernels/Words", "Kernels/Pixels",
            "Kernels/Elementwise",
            "Engine/Steps", "Engine/Operations", "Engine/Importing", "Engine/Planning", "Engine/Running", "Engine/Stages",
        ],
        ["Caliper"] =
        [
            "Foundation", "Statistics", "Ranges", "Observers", "Observers/OnnxRuntime", "Execution", "Fusion/Composites", "Fusion",
            "Fusion/Unfusing", "Preparation", "Data", "Evaluation", "Calibration", "Calibration/Convergence", "Calibration/Doctor",
            "Recovery", "DataFree", "Conversion", "Analysis/Matching", "Analysis/Switching", "Analysis", "Search", "Reporting", "Reporting/Html",
        ],
        ["Caliper.Hosting"] = [],
        ["Caliper.Torch"] = ["Pickling", "Files", "Modules", "Networks"],
        ["Caliper.Imaging"] = [],
        ["Caliper.Text"] = ["Normalizing", "Splitting", "Tokens", "Reading", "Samples"],
        ["Caliper.Tool"] = ["Consoles", "Options", "Inputs", "Stages", "Reports", "Measuring", "Outputs", "Flows", "Demo", "Commands"],
    };

    /// <summary>Files that stand for rooms below them, and so may name them: a list of all tables of kernels, the table of all convolutions,
    /// the list of all observers.</summary>
    public static IReadOnlyDictionary<string, string[]> Facades { get; } = new SortedDictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["Caliper.Runtime/Kernels/KernelInventory.cs"] =
            ["Kernels/Bytes", "Kernels/Convolution", "Kernels/Products", "Kernels/Words", "Kernels/Pixels", "Kernels/Elementwise"],
        ["Caliper.Runtime/Kernels/Convolution/ConvolutionKernels.cs"] =
            ["Kernels/Convolution/Vectors", "Kernels/Convolution/Assembled", "Kernels/Convolution/Tiles"],
        ["Caliper/Observers/ObserverSpec.cs"] = ["Observers/OnnxRuntime"],
    };
}
