using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Fuzz;

/// <summary>Tensors become shorter, longer, of another type, shape or content; some stay in themselves right.</summary>
internal static class TensorMutation
{
    public static void Apply(TensorProto tensor, Random random)
    {
        switch (random.Next(9))
        {
            case 0: Resize(tensor, random); break;
            case 1 when tensor.RawData.Length > 0:
                tensor.RawData = ByteString.CopyFrom(tensor.RawData.Span[..random.Next(tensor.RawData.Length)]);
                break;
            case 2: tensor.DataType = random.Next(-1, 28); break;
            case 3: SetDimension(tensor, random); break;
            case 4: Reshape(tensor, random); break;
            case 5 when tensor.Dims.Count > 0: tensor.Dims.RemoveAt(random.Next(tensor.Dims.Count)); break;
            case 6: Resize(tensor, random); break;
            default: Content(tensor, random); break;
        }
    }

    public static void Apply(ValueInfoProto value, Random random)
    {
        var type = (value.Type ??= new TypeProto()).TensorType ??= new TypeProto.Types.Tensor();
        var dims = (type.Shape ??= new TensorShapeProto()).Dim;
        switch (random.Next(7))
        {
            case 0: type.ElemType = random.Next(3) == 0 ? random.Next(-1, 28) : random.Next(1, 4); break;
            case 1 when dims.Count > 0: dims.RemoveAt(random.Next(dims.Count)); break;
            case 2: dims.Insert(random.Next(dims.Count + 1), new TensorShapeProto.Types.Dimension { DimValue = random.Next(0, 4) }); break;
            case 3 when dims.Count > 0: dims[random.Next(dims.Count)] = new TensorShapeProto.Types.Dimension { DimParam = "n" }; break;
            case 4: type.Shape = null; break;
            default:
                if (dims.Count > 0)
                    dims[random.Next(dims.Count)].DimValue = random.Next(3) == 0 ? AttributeMutation.Number(random) : random.Next(0, 40);
                break;
        }
    }

    /// <summary>Another length along an axis, the content fitting it.</summary>
    private static void Resize(TensorProto tensor, Random random)
    {
        if (tensor.Dims.Count == 0 || tensor.RawData.Length == 0) { Content(tensor, random); return; }
        var elements = Count(tensor);
        var at = random.Next(tensor.Dims.Count);
        tensor.Dims[at] = random.Next(3) switch { 0 => 1, 1 => Math.Max(0, tensor.Dims[at] - 1), _ => tensor.Dims[at] + random.Next(1, 4) };
        var size = (long)tensor.RawData.Length / Math.Max(1, elements) * Count(tensor);
        if (size is < 0 or > 1 << 20) return;
        var bytes = new byte[size];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = tensor.RawData[i % tensor.RawData.Length];
        tensor.RawData = ByteString.CopyFrom(bytes);
    }

    /// <summary>The same elements under another shape.</summary>
    private static void Reshape(TensorProto tensor, Random random)
    {
        var count = Count(tensor);
        switch (random.Next(4))
        {
            case 0: tensor.Dims.Clear(); tensor.Dims.Add(count); break;
            case 1: tensor.Dims.Insert(random.Next(tensor.Dims.Count + 1), 1); break;
            case 2 when count == 1: tensor.Dims.Clear(); break;
            default: for (var i = tensor.Dims.Count - 1; i > 0; i--) Swap(tensor, i, random.Next(i + 1)); break;
        }
    }

    private static void Swap(TensorProto tensor, int a, int b) => (tensor.Dims[a], tensor.Dims[b]) = (tensor.Dims[b], tensor.Dims[a]);

    private static void SetDimension(TensorProto tensor, Random random)
    {
        if (tensor.Dims.Count == 0) tensor.Dims.Add(AttributeMutation.Number(random));
        else tensor.Dims[random.Next(tensor.Dims.Count)] = AttributeMutation.Number(random);
    }

    private static void Content(TensorProto tensor, Random random)
    {
        if (tensor.RawData.Length == 0) return;
        var bytes = tensor.RawData.ToByteArray();
        var size = tensor.DataType is 7 or 11 ? 8 : tensor.DataType is 1 or 6 ? 4 : 1;
        for (var changes = random.Next(1, 3); changes > 0 && bytes.Length >= size; changes--)
        {
            var at = random.Next(bytes.Length / size) * size;
            var content = size switch
            {
                8 => BitConverter.GetBytes(AttributeMutation.Number(random)),
                4 when tensor.DataType == 1 => BitConverter.GetBytes(random.Next(5) switch
                {
                    0 => float.NaN,
                    1 => float.PositiveInfinity,
                    2 => 0f,
                    3 => (float)Math.Pow(10, random.Next(-45, 39)),
                    _ => -random.NextSingle(),
                }),
                4 => BitConverter.GetBytes((int)AttributeMutation.Number(random)),
                _ => [(byte)random.Next(256)],
            };
            content.CopyTo(bytes, at);
        }
        tensor.RawData = ByteString.CopyFrom(bytes);
    }

    private static long Count(TensorProto tensor) => tensor.Dims.Aggregate(1L, (product, length) => unchecked(product * length));
}
