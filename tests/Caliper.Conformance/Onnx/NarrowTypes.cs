using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Conformance.Onnx;

/// <summary>
/// ONNX Runtime's C# interface cannot pass 4-bit integers and 8-bit floats, though the engine computes with them. So a model
/// is given float inputs and outputs instead, with casts before and after them.
/// </summary>
internal static class NarrowTypes
{
    public static bool IsNarrow(ElementType type) => type is >= ElementType.Float8E4M3FN and <= ElementType.Int4;

    /// <summary>The same file with float inputs and outputs in place of narrow ones.</summary>
    public static byte[] Widen(byte[] file)
    {
        var model = ModelProto.Parser.ParseFrom(file);
        foreach (var input in model.Graph.Input.Where(i => IsNarrow(TypeOf(i))))
        {
            model.Graph.Node.Insert(0, Cast(input.Name + "_wide", input.Name, TypeOf(input)));
            input.Name += "_wide";
            input.Type.TensorType.ElemType = (int)ElementType.Float32;
        }
        foreach (var output in model.Graph.Output.Where(o => IsNarrow(TypeOf(o))))
        {
            model.Graph.Node.Add(Cast(output.Name, output.Name + "_wide", ElementType.Float32));
            output.Name += "_wide";
            output.Type.TensorType.ElemType = (int)ElementType.Float32;
        }
        return model.ToByteArray();
    }

    /// <summary>The numbers of a narrow tensor, exactly; any other tensor as it is.</summary>
    public static Tensor Widen(Tensor tensor)
    {
        if (!IsNarrow(tensor.Type)) return tensor;
        var elements = Enumerable.Range(0, tensor.Count).Select(i => Element(tensor, i)).ToArray();
        return Tensor.Of(tensor.Shape, elements);
    }

    private static ElementType TypeOf(ValueInfoProto value) => (ElementType)value.Type.TensorType.ElemType;

    private static NodeProto Cast(string from, string to, ElementType type) => new()
    {
        OpType = "Cast",
        Input = { from },
        Output = { to },
        Attribute = { new AttributeProto { Name = "to", I = (long)type, Type = AttributeProto.Types.AttributeType.Int } },
    };

    private static float Element(Tensor tensor, int index)
    {
        var bytes = tensor.Bytes.Span;
        if (tensor.Type is ElementType.UInt4 or ElementType.Int4)
        {
            var half = (bytes[index / 2] >> (index % 2 * 4)) & 0xF;
            return tensor.Type is ElementType.Int4 && half > 7 ? half - 16 : half;
        }
        return tensor.Type switch
        {
            ElementType.Float8E4M3FN => Float8(bytes[index], exponentBits: 4, bias: 7, hasInfinity: false),
            ElementType.Float8E5M2 => Float8(bytes[index], exponentBits: 5, bias: 15, hasInfinity: true),
            _ => throw new NotSupportedException($"{tensor.Type}"),
        };
    }

    private static float Float8(byte bits, int exponentBits, int bias, bool hasInfinity)
    {
        var mantissaBits = 7 - exponentBits;
        var (exponent, mantissa) = ((bits & 0x7F) >> mantissaBits, bits & ((1 << mantissaBits) - 1));
        var largest = (1 << exponentBits) - 1;
        var sign = bits >= 0x80 ? -1f : 1f;
        if (exponent == largest && hasInfinity) return mantissa == 0 ? sign * float.PositiveInfinity : float.NaN;
        if ((bits & 0x7F) == 0x7F) return float.NaN;
        var fraction = mantissa / (float)(1 << mantissaBits);
        return sign * (exponent == 0 ? MathF.ScaleB(fraction, 1 - bias) : MathF.ScaleB(1 + fraction, exponent - bias));
    }
}
