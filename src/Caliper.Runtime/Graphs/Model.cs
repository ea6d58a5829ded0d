using System.Collections.Immutable;

namespace Caliper.Graphs;

/// <summary>A graph and what an ONNX file says about it.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Opsets">Operator set version by domain; the empty domain is ONNX itself.</param>
public sealed record Model(Graph Graph, ImmutableSortedDictionary<string, long> Opsets)
{
    /// <summary>Version of the file format, 3 to 10.</summary>
    public long IrVersion { get; init; } = 8;

    /// <summary>Name of the tool that wrote the file.</summary>
    public string ProducerName { get; init; } = "caliper";

    /// <summary>Free key–value pairs, sorted.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Parts of the file that Caliper carries through without interpreting them: one serialized <c>ModelProto</c>
    /// that holds nothing else (functions, training information, unknown fields).</summary>
    public ReadOnlyMemory<byte> Uninterpreted { get; init; }

    /// <summary>Version of the ONNX operator set itself.</summary>
    public long Opset => Opsets.GetValueOrDefault("", 1);
}
