using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Onnx;

/// <summary>Between a <c>ValueInfoProto</c> and a <see cref="Value"/>.</summary>
internal static class ValueFormat
{
    /// <summary>Reads a value; what is not name, type and shape goes along uninterpreted.</summary>
    /// <exception cref="CaliperException">A negative dimension.</exception>
    public static Value Read(ValueInfoProto proto)
    {
        var tensor = proto.Type?.TensorType;
        var type = (ElementType)(tensor?.ElemType ?? 0);
        if (!Enum.IsDefined(type)) type = ElementType.Undefined;
        var value = new Value(proto.Name, type, tensor?.Shape is { } shape ? ShapeOf(proto.Name, shape) : null);
        return Write(value).Equals(proto) ? value : value with { Uninterpreted = proto.ToByteArray() };
    }

    /// <summary>Writes a value.</summary>
    public static ValueInfoProto Write(Value value)
    {
        var proto = ValueInfoProto.Parser.ParseFrom(value.Uninterpreted.Span);
        proto.Name = value.Name;
        if (value.Type == ElementType.Undefined) return proto;
        proto.Type ??= new TypeProto();
        var tensor = proto.Type.TensorType ??= new TypeProto.Types.Tensor();
        tensor.ElemType = (int)value.Type;
        tensor.Shape = value.Shape is { } shape ? Write(shape, tensor.Shape) : null;
        return proto;
    }

    /// <summary>Keeps the denotations of the axes where their number is the same.</summary>
    private static TensorShapeProto Write(Shape shape, TensorShapeProto? known)
    {
        var proto = known?.Dim.Count == shape.Rank ? known : new TensorShapeProto();
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            if (axis == proto.Dim.Count) proto.Dim.Add(new TensorShapeProto.Types.Dimension());
            proto.Dim[axis].ClearValue();
            if (shape[axis].IsKnown) proto.Dim[axis].DimValue = shape[axis].Length;
            else if (shape[axis].Symbol is { } symbol) proto.Dim[axis].DimParam = symbol;
        }
        return proto;
    }

    /// <summary>Some exporters write -1 for a free axis; the standard leaves it without a value.</summary>
    private static Shape ShapeOf(string name, TensorShapeProto proto)
    {
        var dimensions = ImmutableArray.CreateBuilder<Dimension>(proto.Dim.Count);
        foreach (var dimension in proto.Dim)
        {
            if (dimension.HasDimValue && dimension.DimValue < -1)
                throw new CaliperException($"The value '{name}' has a negative dimension ({dimension.DimValue}).");
            dimensions.Add(dimension.HasDimValue && dimension.DimValue >= 0 ? dimension.DimValue
                : dimension.HasDimParam && dimension.DimParam.Length > 0 ? Dimension.Named(dimension.DimParam)
                : Dimension.Unknown);
        }
        return new Shape(dimensions.MoveToImmutable());
    }
}
