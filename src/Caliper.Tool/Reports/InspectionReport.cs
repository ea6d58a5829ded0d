using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Caliper.Tool.Reports;

/// <summary>The result of <c>inspect</c>.</summary>
internal sealed record InspectionReport
{
    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>Size of the file.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Version of the file format; null for a checkpoint.</summary>
    public long? IrVersion { get; init; }

    /// <summary>Version of the ONNX operator set; null for a checkpoint.</summary>
    public long? Opset { get; init; }

    /// <summary>Who wrote the file.</summary>
    public string? Producer { get; init; }

    /// <summary>Whether the model computes in integers already; then there is no plan.</summary>
    public required bool IsQuantized { get; init; }

    /// <summary>What the model expects.</summary>
    public required ValueReport[] Inputs { get; init; }

    /// <summary>What the model returns.</summary>
    public required ValueReport[] Outputs { get; init; }

    /// <summary>Number of weights and other constants.</summary>
    public required long Parameters { get; init; }

    /// <summary>Nodes in the file.</summary>
    public required int Nodes { get; init; }

    /// <summary>Nodes by operator type.</summary>
    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    /// <summary>Which observers the plan is made for.</summary>
    [JsonPropertyName("qconfig")]
    public string? QConfig { get; init; }

    /// <summary>How many layers become int8 and how many stay float.</summary>
    public LayerCounts? Layers { get; init; }

    /// <summary>Multiply-adds of one sample; null where those of a layer are not known.</summary>
    public long? MultiplyAdds { get; init; }

    /// <summary>How many of 100 multiply-adds become int8; null where they are not known, or there are none.</summary>
    public double? Int8MacPercent { get; init; }

    /// <summary>Bytes of the weights before and after conversion.</summary>
    public Pair<long>? ExpectedBytes { get; init; }

    /// <summary>How often the converted network changes between float and int8.</summary>
    public CrossingCounts? Crossings { get; init; }

    /// <summary>Each layer, in execution order.</summary>
    public LayerReport[]? Plan { get; init; }

    /// <summary>Why layers stay float.</summary>
    public required DiagnosticReport[] Diagnostics { get; init; }
}

/// <summary>An input or output.</summary>
internal sealed record ValueReport(string Name, string Type, string Shape);

/// <summary>How many values are converted.</summary>
/// <param name="ToInt8">From float to int8.</param>
/// <param name="ToFloat">From int8 to float.</param>
internal sealed record CrossingCounts(int ToInt8, int ToFloat);

/// <summary>What becomes of one layer.</summary>
/// <param name="Name">The layer's name, by which <c>--exclude</c> knows it.</param>
/// <param name="Kind">Its kind in PyTorch's words.</param>
/// <param name="Operator">Its ONNX operator.</param>
/// <param name="Shape">Shape of its result.</param>
/// <param name="Parameters">Number of its weights.</param>
/// <param name="MultiplyAdds">Multiply-adds of one sample; null where shapes are not known.</param>
/// <param name="FloatBytes">Bytes of its weights in float.</param>
/// <param name="Int8Bytes">Bytes of its weights once converted.</param>
/// <param name="Form"><c>int8</c>, <c>float</c>, or <c>whole numbers</c> of what computes shapes, indices and conditions.</param>
/// <param name="GivesFloat">Whether an int8 layer gives its result in float.</param>
/// <param name="Why">Why it stays float, or what else there is to know.</param>
internal sealed record LayerReport(
    string Name, string Kind, string Operator, string? Shape, long Parameters, long? MultiplyAdds, long FloatBytes, long Int8Bytes,
    string Form, bool GivesFloat, string? Why)
{
    /// <summary>The form of what computes no float numbers.</summary>
    internal const string WholeNumbers = "whole numbers";

    /// <summary>Bits of eight that each output channel of the weights would keep if all shared one scale, the narrowest channel first: for
    /// the picture in the text alone. Empty where there are no int8 weights.</summary>
    [JsonIgnore]
    public ImmutableArray<double> ChannelBits { get; init; } = [];
}
