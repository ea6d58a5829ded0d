using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Onnx;

/// <summary>Turns a <see cref="Tensor"/> into a <c>TensorProto</c>; the elements are wrapped, not copied.</summary>
internal static class TensorWriter
{
    /// <summary>Writes a tensor whose elements go into the message.</summary>
    public static TensorProto Write(string name, Tensor tensor)
    {
        var proto = Declare(name, tensor);
        proto.RawData = UnsafeByteOperations.UnsafeWrap(tensor.Bytes);
        return proto;
    }

    /// <summary>Writes name, type and shape; the elements go elsewhere.</summary>
    public static TensorProto Declare(string name, Tensor tensor)
    {
        var proto = new TensorProto { DataType = (int)tensor.Type };
        proto.Dims.AddRange(tensor.Shape.ToArray());
        if (name.Length > 0) proto.Name = name;
        return proto;
    }
}
