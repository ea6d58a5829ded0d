using Caliper.Onnx.Schema;
using Google.Protobuf;
using static Caliper.Onnx.Schema.AttributeProto.Types;

namespace Caliper.Fuzz;

/// <summary>Attributes are dropped, doubled, changed, renamed, added, of another kind.</summary>
internal static class AttributeMutation
{
    private static readonly string[] Names =
    [
        "axis", "axes", "keepdims", "pads", "strides", "dilations", "kernel_shape", "group", "auto_pad", "perm", "alpha", "beta", "transA", "transB",
        "split", "starts", "ends", "mode", "epsilon", "to", "block_size", "output_dtype", "ceil_mode", "count_include_pad", "output_padding",
        "output_shape", "noop_with_empty_axes", "num_outputs", "allowzero", "coordinate_transformation_mode", "nearest_mode", "value", "scales",
        "min", "max", "k", "blocksize", "channels_last", "storage_order", "training_mode", "hidden_size", "ratio",
    ];

    private static readonly string[] Texts =
    [
        "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER", "constant", "reflect", "edge", "nearest", "linear", "cubic", "half_pixel", "align_corners",
        "asymmetric", "floor", "ceil", "tanh", "none", "", "\n",
    ];

    public static void Apply(NodeProto node, Random random)
    {
        if (node.Attribute.Count == 0 || random.Next(6) == 0)
        {
            node.Attribute.Add(Any(Names[random.Next(Names.Length)], random));
            return;
        }
        var attribute = StructureMutation.Pick(node.Attribute, random);
        switch (random.Next(8))
        {
            case 0: node.Attribute.Remove(attribute); break;
            case 1: node.Attribute.Add(attribute.Clone()); break;
            case 2: attribute.Name = Names[random.Next(Names.Length)]; break;
            case 3: node.Attribute[node.Attribute.IndexOf(attribute)] = Any(attribute.Name, random); break;
            case 4: attribute.Type = (AttributeType)random.Next(15); break;
            default: Change(attribute, random); break;
        }
    }

    /// <summary>A number that somebody may not have thought of.</summary>
    public static long Number(Random random) => random.Next(12) switch
    {
        0 => 0,
        1 => -1,
        2 => 1,
        3 => int.MaxValue,
        4 => int.MinValue,
        5 => long.MaxValue - random.Next(2),
        6 => long.MinValue + random.Next(2),
        7 => 1L << random.Next(63),
        8 => -(1L << random.Next(63)),
        _ => random.Next(-9, 70),
    };

    private static void Change(AttributeProto attribute, Random random)
    {
        if (attribute.Ints.Count > 0)
        {
            var at = random.Next(attribute.Ints.Count);
            switch (random.Next(4))
            {
                case 0: attribute.Ints.RemoveAt(at); break;
                case 1: attribute.Ints.Add(Number(random)); break;
                default: attribute.Ints[at] = random.Next(2) == 0 ? attribute.Ints[at] + random.Next(-2, 3) : Number(random); break;
            }
        }
        else if (attribute.HasI) attribute.I = Number(random);
        else if (attribute.HasF) attribute.F = random.Next(4) == 0 ? float.NaN : random.Next(3) == 0 ? 0 : (float)Math.Pow(10, random.Next(-45, 39));
        else if (attribute.HasS) attribute.S = ByteString.CopyFromUtf8(Texts[random.Next(Texts.Length)]);
        else if (attribute.T is not null) TensorMutation.Apply(attribute.T, random);
        else attribute.I = Number(random);
    }

    private static AttributeProto Any(string name, Random random)
    {
        switch (random.Next(5))
        {
            case 0: return new AttributeProto { Name = name, Type = AttributeType.Int, I = Number(random) };
            case 1: return new AttributeProto { Name = name, Type = AttributeType.Float, F = (float)Math.Pow(-10, random.Next(-3, 9)) };
            case 2:
                var text = ByteString.CopyFromUtf8(Texts[random.Next(Texts.Length)]);
                return new AttributeProto { Name = name, Type = AttributeType.String, S = text };
            default:
                var ints = new AttributeProto { Name = name, Type = AttributeType.Ints };
                for (var i = random.Next(6); i > 0; i--) ints.Ints.Add(random.Next(3) == 0 ? Number(random) : random.Next(-2, 4));
                return ints;
        }
    }
}
