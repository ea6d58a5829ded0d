using System.Collections.Immutable;
using System.Text;
using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Google.Protobuf;
using Google.Protobuf.Collections;
using static Caliper.Onnx.Schema.AttributeProto.Types;

namespace Caliper.Onnx;

/// <summary>Between an <c>AttributeProto</c> and an <see cref="AttributeValue"/>.</summary>
internal static class AttributeFormat
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads an attribute; kinds without a form of their own stay as they are, with external tensors embedded.</summary>
    public static AttributeValue Read(AttributeProto proto, ExternalDataReader external)
    {
        switch (KindOf(proto))
        {
            case AttributeType.Int: return new AttributeValue.Int(proto.I);
            case AttributeType.Float: return new AttributeValue.Float(proto.F);
            case AttributeType.Ints: return new AttributeValue.Ints([.. proto.Ints]);
            case AttributeType.Floats: return new AttributeValue.Floats([.. proto.Floats]);
            case AttributeType.String when Decode(proto.S) is { } text: return new AttributeValue.Text(text);
            case AttributeType.Tensor when proto.T is not null && !TensorReader.IsText(proto.T):
                return new AttributeValue.TensorValue(TensorReader.Read(proto.T, external));
            case AttributeType.Graph or AttributeType.Graphs:
                external.Embed(proto);
                return new AttributeValue.Subgraph([.. Captures.Of(proto)], proto.ToByteArray());
            default:
                external.Embed(proto);
                return new AttributeValue.Opaque(proto.ToByteArray());
        }
    }

    /// <summary>Writes an attribute under a name.</summary>
    public static AttributeProto Write(string name, AttributeValue value)
    {
        var proto = value switch
        {
            AttributeValue.Int v => new AttributeProto { Type = AttributeType.Int, I = v.Value },
            AttributeValue.Float v => new AttributeProto { Type = AttributeType.Float, F = v.Value },
            AttributeValue.Text v => new AttributeProto { Type = AttributeType.String, S = ByteString.CopyFromUtf8(v.Value) },
            AttributeValue.Ints v => With(new AttributeProto { Type = AttributeType.Ints }, p => p.Ints, v.Values),
            AttributeValue.Floats v => With(new AttributeProto { Type = AttributeType.Floats }, p => p.Floats, v.Values),
            AttributeValue.TensorValue v => new() { Type = AttributeType.Tensor, T = TensorWriter.Write("", v.Value) },
            AttributeValue.Subgraph v => AttributeProto.Parser.ParseFrom(v.Encoded.Span),
            AttributeValue.Opaque v => AttributeProto.Parser.ParseFrom(v.Encoded.Span),
            _ => throw new InvalidOperationException($"An attribute cannot be a {value.GetType().Name}."),
        };
        proto.Name = name;
        return proto;
    }

    /// <summary>The declared kind; where a writer left it out, that of the field in use.</summary>
    private static AttributeType KindOf(AttributeProto proto) =>
        proto.HasRefAttrName ? AttributeType.Undefined
        : proto.Type != AttributeType.Undefined ? proto.Type
        : proto.HasI ? AttributeType.Int
        : proto.HasF ? AttributeType.Float
        : proto.HasS ? AttributeType.String
        : proto.Ints.Count > 0 ? AttributeType.Ints
        : proto.Floats.Count > 0 ? AttributeType.Floats
        : proto.T is not null ? AttributeType.Tensor
        : proto.G is not null ? AttributeType.Graph
        : AttributeType.Undefined;

    private static AttributeProto With<T>(
        AttributeProto proto, Func<AttributeProto, RepeatedField<T>> field, ImmutableArray<T> values)
    {
        field(proto).AddRange(values);
        return proto;
    }

    private static string? Decode(ByteString bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
