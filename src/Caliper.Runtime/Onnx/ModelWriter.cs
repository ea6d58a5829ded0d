using Caliper.Graphs;
using Caliper.Onnx.Schema;

namespace Caliper.Onnx;

/// <summary>Turns a <see cref="Model"/> into a <c>ModelProto</c>. The same model always gives the same message.</summary>
internal static class ModelWriter
{
    // Up to this version of the format every initializer had to be listed as an input as well.
    private const long LastIrWithWeightsAsInputs = 3;

    /// <summary>Writes a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="writeInitializer">Makes the message of a named tensor, and decides where its elements go.</param>
    public static ModelProto Write(Model model, Func<string, Tensor, TensorProto> writeInitializer)
    {
        model = BranchNesting.Apply(model);
        var proto = ModelProto.Parser.ParseFrom(model.Uninterpreted.Span);
        proto.IrVersion = model.IrVersion;
        if (model.ProducerName.Length > 0) proto.ProducerName = model.ProducerName;
        foreach (var (domain, version) in model.Opsets.OrderBy(o => o.Key, StringComparer.Ordinal))
            proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        foreach (var (key, value) in model.Metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
            proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        proto.Graph ??= new GraphProto();
        Write(model.Graph, proto.Graph, writeInitializer);
        if (model.IrVersion <= LastIrWithWeightsAsInputs) ListInitializersAsInputs(model.Graph, proto.Graph);
        DropStaleAnnotations(model.Graph, proto.Graph);
        return proto;
    }

    /// <summary>Adds a graph to a message that may hold what was not interpreted.</summary>
    public static void Write(Graph graph, GraphProto proto, Func<string, Tensor, TensorProto> writeInitializer)
    {
        proto.Name = graph.Name;
        proto.Node.AddRange(graph.Nodes.Select(Write));
        proto.Initializer.AddRange(graph.Initializers.OrderBy(i => i.Key, StringComparer.Ordinal)
            .Select(i => writeInitializer(i.Key, i.Value)));
        proto.Input.AddRange(graph.Inputs.Select(ValueFormat.Write));
        proto.Output.AddRange(graph.Outputs.Select(ValueFormat.Write));
        proto.ValueInfo.AddRange(graph.Intermediates.Select(ValueFormat.Write));
    }

    /// <summary>Writes a node.</summary>
    public static NodeProto Write(Node node)
    {
        var proto = NodeProto.Parser.ParseFrom(node.Uninterpreted.Span);
        proto.Input.AddRange(node.Inputs);
        proto.Output.AddRange(node.Outputs);
        proto.Name = node.Name;
        proto.OpType = node.OpType;
        if (node.Domain.Length > 0) proto.Domain = node.Domain;
        if (node.Documentation.Length > 0) proto.DocString = node.Documentation;
        proto.Attribute.AddRange(node.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal)
            .Select(a => AttributeFormat.Write(a.Key, a.Value)));
        return proto;
    }

    private static void ListInitializersAsInputs(Graph graph, GraphProto proto) => proto.Input.AddRange(
        proto.Initializer.Select(i => ValueFormat.Write(graph.Find(i.Name)!)));

    /// <summary>What a file said about the quantization of a tensor is dropped where that tensor is gone.</summary>
    private static void DropStaleAnnotations(Graph graph, GraphProto proto)
    {
        bool Exists(string name) => graph.Find(name) is not null || graph.ProducerOf(name) is not null;
        var valid = proto.QuantizationAnnotation
            .Where(a => Exists(a.TensorName) && a.QuantParameterTensorNames.All(p => Exists(p.Value))).ToList();
        proto.QuantizationAnnotation.Clear();
        proto.QuantizationAnnotation.AddRange(valid);
    }
}
