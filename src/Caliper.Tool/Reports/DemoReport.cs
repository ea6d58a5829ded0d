using System.Text.Json.Serialization;

namespace Caliper.Tool.Reports;

/// <summary>The result of <c>demo</c>.</summary>
internal sealed record DemoReport
{
    /// <summary>What calibrated.</summary>
    public required DataReport Calibration { get; init; }

    /// <summary>What all three models were evaluated on.</summary>
    public required DataReport Evaluation { get; init; }

    /// <summary>The float model.</summary>
    public required DemoModelReport Float { get; init; }

    /// <summary>PyTorch's default qconfig.</summary>
    public required DemoModelReport Naive { get; init; }

    /// <summary>Caliper's own qconfig.</summary>
    public required DemoModelReport Int8 { get; init; }

    /// <summary>How one observer's proposal moved while the model was evaluated.</summary>
    public required DemoTrace Trace { get; init; }

    /// <summary>How far the channels of one layer's weights differ.</summary>
    public required DemoChannels Channels { get; init; }

    /// <summary>Where the models and the images were saved; null where they were not.</summary>
    public string? Folder { get; init; }

    /// <summary>The page about the good int8 model.</summary>
    public required string Report { get; init; }

    /// <summary>Seconds that each stage took.</summary>
    public required IReadOnlyDictionary<string, double> Stages { get; init; }

    /// <summary>The most memory the process had at once.</summary>
    public required long PeakMemoryBytes { get; init; }
}

/// <summary>How one model of the demo does.</summary>
/// <param name="QConfig">Which observers; null for the float model.</param>
/// <param name="Acc1">Top-1 accuracy in percent.</param>
/// <param name="Acc5">Top-5 accuracy in percent.</param>
/// <param name="Loss">Mean cross-entropy in nats.</param>
/// <param name="Agreement">Share of images with the float model's answer, in percent; null for the float model.</param>
/// <param name="SizeBytes">Size as an ONNX file.</param>
internal sealed record DemoModelReport(
    [property: JsonPropertyName("qconfig")] string? QConfig,
    double Acc1, double Acc5, double Loss, double? Agreement, long SizeBytes);

/// <summary>How one observer's proposal moved.</summary>
/// <param name="Layer">The layer whose result it watches.</param>
/// <param name="Points">What it proposed after each batch.</param>
internal sealed record DemoTrace(string Layer, DemoTracePoint[] Points);

/// <summary>What an observer proposed after some batches.</summary>
internal sealed record DemoTracePoint(int Batch, double Min, double Max, double Scale, int ZeroPoint);

/// <summary>The ranges of a layer's weights, channel by channel.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Narrowest">Greatest magnitude in the narrowest channel.</param>
/// <param name="Widest">Greatest magnitude in the widest channel.</param>
/// <param name="NarrowestSteps">How many of the 255 integers the narrowest channel gets with one scale for all.</param>
internal sealed record DemoChannels(string Layer, double Narrowest, double Widest, int NarrowestSteps);
