using System.Text.Json.Serialization;

namespace Caliper.Tool.Reports;

/// <summary>The result of <c>info</c>.</summary>
internal sealed record InfoReport
{
    public required string Version { get; init; }

    public required string Runtime { get; init; }

    public required string OperatingSystem { get; init; }

    public required string ProcessorArchitecture { get; init; }

    public required int Processors { get; init; }

    /// <summary>Instruction sets that this process can use.</summary>
    public required string[] CpuFeatures { get; init; }

    /// <summary>Bits in the widest vector that the runtime uses in hardware; 0 without any.</summary>
    public required int VectorBits { get; init; }

    /// <summary>Who runs the models.</summary>
    public required string Backend { get; init; }

    public required string[] Architectures { get; init; }

    [JsonPropertyName("qconfigs")]
    public required string[] QConfigs { get; init; }

    public required string[] Observers { get; init; }

    public required string[] Preprocessings { get; init; }
}
