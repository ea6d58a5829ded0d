using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Onnx;

/// <summary>The tensors inside a message of the format, however deep. Written out, because reading any file would otherwise begin with what
/// Protobuf's reflection takes to set up.</summary>
internal static class TensorMessages
{
    /// <summary>All of them, in the order of the format.</summary>
    public static IEnumerable<TensorProto> In(IMessage? message) => message is TensorProto tensor ? [tensor] : PartsOf(message).SelectMany(In);

    private static IEnumerable<IMessage?> PartsOf(IMessage? message) => message switch
    {
        ModelProto model => [model.Graph, .. model.TrainingInfo, .. model.Functions],
        GraphProto graph => [.. graph.Node, .. graph.Initializer, .. graph.SparseInitializer],
        NodeProto node => node.Attribute,
        AttributeProto a => [a.T, a.G, .. a.Tensors, .. a.Graphs, a.SparseTensor, .. a.SparseTensors],
        SparseTensorProto sparse => [sparse.Values, sparse.Indices],
        FunctionProto function => [.. function.Node, .. function.AttributeProto],
        TrainingInfoProto training => [training.Initialization, training.Algorithm],
        _ => [],
    };
}
