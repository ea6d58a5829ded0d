using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Caliper.Graphs;
using Caliper.Onnx.Schema;

namespace Caliper.Onnx;

/// <summary>Turns a <c>TensorProto</c> into a <see cref="Tensor"/>, wherever its elements lie.</summary>
internal static class TensorReader
{
    /// <summary>Reads a tensor. Elements in <c>raw_data</c> are wrapped, not copied.</summary>
    /// <exception cref="CaliperException">An unknown element type, a negative dimension, or too few bytes.</exception>
    public static Tensor Read(TensorProto proto, ExternalDataReader external)
    {
        var type = TypeOf(proto);
        if (proto.Segment is not null)
            throw new CaliperException($"The tensor '{proto.Name}' is stored in segments, which Caliper does not read.");
        var shape = ShapeOf(proto);
        var byteCount = ByteCount(proto, type, shape);
        var bytes = proto.DataLocation == TensorProto.Types.DataLocation.External ? external.Read(proto, byteCount)
            : proto.RawData.Length > 0 ? proto.RawData.Memory
            : Pack(proto, type);
        if (bytes.Length != byteCount)
        {
            throw new CaliperException($"The tensor '{proto.Name}' is declared as {type} {shape}, which takes {byteCount} bytes, "
                + $"but the file holds {bytes.Length}.");
        }
        return new Tensor(type, shape, bytes);
    }

    /// <summary>Whether the tensor holds text, which has no packed form.</summary>
    public static bool IsText(TensorProto proto) => proto.DataType == (int)ElementType.String;

    private static ElementType TypeOf(TensorProto proto)
    {
        var type = (ElementType)proto.DataType;
        return Enum.IsDefined(type) && type.BitsPerElement() > 0
            ? type
            : throw new CaliperException(
                $"The tensor '{proto.Name}' has element type {proto.DataType}, which Caliper does not read.");
    }

    private static Shape ShapeOf(TensorProto proto)
    {
        var dimensions = ImmutableArray.CreateBuilder<Dimension>(proto.Dims.Count);
        foreach (var length in proto.Dims)
        {
            if (length < 0) throw new CaliperException($"The tensor '{proto.Name}' has a negative dimension ({length}).");
            dimensions.Add(length);
        }
        return new Shape(dimensions.MoveToImmutable());
    }

    private static long ByteCount(TensorProto proto, ElementType type, Shape shape)
    {
        try
        {
            return type.ByteCount(shape.ElementCount);
        }
        catch (OverflowException e)
        {
            throw new CaliperException($"The tensor '{proto.Name}' has too many elements: {shape}.", e);
        }
    }

    /// <summary>The typed fields as little-endian bytes. They hold narrow types one to a wider entry.</summary>
    private static ReadOnlyMemory<byte> Pack(TensorProto proto, ElementType type) => type switch
    {
        ElementType.Float32 or ElementType.Complex64 => Bytes(proto.FloatData.ToArray()),
        ElementType.Float64 or ElementType.Complex128 => Bytes(proto.DoubleData.ToArray()),
        ElementType.Int64 => Bytes(proto.Int64Data.ToArray()),
        ElementType.UInt64 => Bytes(proto.Uint64Data.ToArray()),
        ElementType.UInt32 => Bytes(Array.ConvertAll(proto.Uint64Data.ToArray(), wide => unchecked((uint)wide))),
        ElementType.Int32 => Bytes(proto.Int32Data.ToArray()),
        _ when type.BitsPerElement() == 16 => Bytes(Array.ConvertAll(proto.Int32Data.ToArray(), wide => unchecked((ushort)wide))),
        _ => Array.ConvertAll(proto.Int32Data.ToArray(), wide => unchecked((byte)wide)),
    };

    private static ReadOnlyMemory<byte> Bytes<T>(T[] elements) where T : unmanaged =>
        MemoryMarshal.AsBytes(elements.AsSpan()).ToArray();
}
