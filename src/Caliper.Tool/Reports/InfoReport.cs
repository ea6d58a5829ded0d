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

    /// <summary>Who runs float models.</summary>
    public required string Backend { get; init; }

    /// <summary>The kernels of the int8 engine: for each operation the one it takes here, and what keeps faster ones away.</summary>
    public required KernelReport[] Kernels { get; init; }

    public required string[] Architectures { get; init; }

    [JsonPropertyName("qconfigs")]
    public required string[] QConfigs { get; init; }

    public required string[] Observers { get; init; }

    public required string[] Preprocessings { get; init; }
}

/// <summary>The kernels of one operation.</summary>
/// <param name="Operation">What they compute.</param>
/// <param name="Chosen">The fastest that this machine runs.</param>
/// <param name="Missing">What keeps others away, by their names.</param>
internal sealed record KernelReport(string Operation, string Chosen, SortedDictionary<string, string> Missing);
