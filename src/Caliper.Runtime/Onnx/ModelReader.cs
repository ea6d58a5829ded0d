using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Onnx;

/// <summary>Turns a <c>ModelProto</c> into a <see cref="Model"/>.</summary>
internal static class ModelReader
{
    /// <summary>Reads a model and takes what it read out of the message; the rest goes along uninterpreted.</summary>
    public static Model Read(ModelProto proto, ExternalDataReader external)
    {
        OpsetRange.CheckIr(proto.IrVersion);
        if (proto.Graph is null) throw new CaliperException("The file holds no graph; it is no ONNX model, or a damaged one.");
        var model = new Model(new GraphReader(external).Read(proto.Graph), Opsets(proto))
        {
            IrVersion = proto.IrVersion,
            ProducerName = proto.ProducerName,
            Metadata = Metadata(proto),
        };
        OpsetRange.Check(model);

        proto.ClearIrVersion();
        proto.ClearProducerName();
        proto.OpsetImport.Clear();
        proto.MetadataProps.Clear();
        if (proto.Graph.CalculateSize() == 0) proto.Graph = null;
        external.Embed(proto);
        return proto.CalculateSize() == 0 ? model : model with { Uninterpreted = proto.ToByteArray() };
    }

    private static ImmutableSortedDictionary<string, long> Opsets(ModelProto proto)
    {
        var opsets = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var import in proto.OpsetImport)
        {
            var domain = NodeReader.Domain(import.Domain);
            if (opsets.TryGetValue(domain, out var other) && other != import.Version)
                throw new CaliperException($"The model imports versions {other} and {import.Version} of the domain '{domain}'.");
            opsets[domain] = import.Version;
        }
        return opsets.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, string> Metadata(ModelProto proto)
    {
        var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var entry in proto.MetadataProps) metadata[entry.Key] = entry.Value;
        return metadata.ToImmutable();
    }
}
