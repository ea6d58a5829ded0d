using System.Text;
using Caliper.Graphs;

namespace Caliper.Torch.Files;

/// <summary>
/// Reads the <c>.dat</c> files of TorchSharp (<c>Module.save</c>, or <c>exportsd.py</c> from Python). Numbers are unsigned
/// LEB128: the number of tensors, and for each the length of its name, the name in UTF-8, its scalar type (the numbers of
/// libtorch's <c>ScalarType</c>), its rank, its lengths, and its elements, dense and little-endian.
/// </summary>
internal sealed class TorchSharpWeights(Stream stream, string file)
{
    private const int MaxNameLength = 4096;
    private const int MaxRank = 64;

    private readonly MemoryBudget _budget = new(file, stream.Length);

    /// <summary>Reads all tensors.</summary>
    /// <exception cref="CaliperException">It is damaged, or of another format altogether.</exception>
    public static StateDict Read(Stream stream, string file)
    {
        stream.Position = 0;
        return new TorchSharpWeights(stream, file).Read();
    }

    private StateDict Read()
    {
        var count = Number("number of tensors", (ulong)stream.Length);
        var tensors = new List<KeyValuePair<string, Tensor>>();
        for (var i = 0L; i < count; i++) tensors.Add(ReadTensor());
        if (stream.Position != stream.Length) throw Damaged($"{stream.Length - stream.Position} bytes follow its last tensor");
        return new StateDict(tensors, $"'{file}'");
    }

    private KeyValuePair<string, Tensor> ReadTensor()
    {
        var name = Encoding.UTF8.GetString(Bytes(Number("length of a name", MaxNameLength), "a name"));
        var type = TypeOf(Number($"element type of '{name}'", byte.MaxValue), name);
        var lengths = new long[Number($"rank of '{name}'", MaxRank)];
        var byteCount = type.BitsPerElement() / 8L;
        for (var axis = 0; axis < lengths.Length; axis++)
        {
            lengths[axis] = Number($"shape of '{name}'", int.MaxValue);
            byteCount = lengths[axis] <= stream.Length ? byteCount * lengths[axis] : stream.Length + 1;
            if (byteCount > stream.Length) throw Damaged($"the tensor '{name}' is larger than the file");
        }
        var bytes = StorageBytes.ToNative(Bytes(byteCount, $"the tensor '{name}'"), type, isBigEndian: false);
        return new(name, new Tensor(type, Shape.Of(lengths), bytes));
    }

    private long Number(string what, ulong largest)
    {
        var value = 0UL;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var next = stream.ReadByte();
            if (next < 0) break;
            value |= (ulong)(next & 0x7f) << shift;
            if (next >= 0x80) continue;
            if (value > largest) throw Damaged($"the {what} is {value}");
            return (long)value;
        }
        throw Damaged($"the {what} is missing");
    }

    private byte[] Bytes(long count, string what)
    {
        if (count > stream.Length - stream.Position) throw Damaged($"it ends inside {what}");
        var bytes = _budget.Allocate(count, what);
        stream.ReadExactly(bytes);
        return bytes;
    }

    private ElementType TypeOf(long scalarType, string name) => scalarType switch
    {
        0 => ElementType.UInt8,
        1 => ElementType.Int8,
        2 => ElementType.Int16,
        3 => ElementType.Int32,
        4 => ElementType.Int64,
        5 => ElementType.Float16,
        6 => ElementType.Float32,
        7 => ElementType.Float64,
        9 => ElementType.Complex64,
        10 => ElementType.Complex128,
        11 => ElementType.Boolean,
        15 => ElementType.BFloat16,
        _ => throw Damaged($"the tensor '{name}' has element type {scalarType}"),
    };

    private CaliperException Damaged(string what) => new(
        $"'{file}' is damaged or no checkpoint: read as TorchSharp weights, {what}. "
        + "Caliper reads PyTorch's .pth, safetensors and TorchSharp's .dat.");
}
