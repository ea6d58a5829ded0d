using System.Buffers.Binary;
using System.Text.Json;
using Caliper.Graphs;

namespace Caliper.Torch.Files;

/// <summary>
/// Reads and writes safetensors (github.com/huggingface/safetensors): the length of the header as uint64, the header in JSON
/// (name → dtype, shape, position), and the elements, dense and little-endian, without gaps.
/// </summary>
internal static class Safetensors
{
    private const int LengthBytes = sizeof(ulong);

    /// <summary>The limit of the reference implementation.</summary>
    private const long MaxHeaderBytes = 100_000_000;

    private static readonly (string Name, ElementType Type)[] Dtypes =
    [
        ("F4", ElementType.Float4E2M1), ("F8_E8M0", ElementType.Float8E8M0), ("BOOL", ElementType.Boolean), ("U8", ElementType.UInt8),
        ("I8", ElementType.Int8), ("F8_E5M2", ElementType.Float8E5M2), ("F8_E4M3", ElementType.Float8E4M3FN),
        ("I16", ElementType.Int16), ("U16", ElementType.UInt16),
        ("F16", ElementType.Float16), ("BF16", ElementType.BFloat16), ("I32", ElementType.Int32), ("U32", ElementType.UInt32),
        ("F32", ElementType.Float32), ("F64", ElementType.Float64), ("I64", ElementType.Int64), ("U64", ElementType.UInt64),
        ("C64", ElementType.Complex64),
    ];

    /// <summary>Whether a file begins as safetensors do.</summary>
    public static bool Begins(ReadOnlySpan<byte> start, long fileLength) =>
        start.Length > LengthBytes && start[LengthBytes] == '{'
        && BinaryPrimitives.ReadUInt64LittleEndian(start) <= (ulong)Math.Max(0, fileLength - LengthBytes);

    /// <summary>Reads all tensors.</summary>
    /// <exception cref="CaliperException">The header contradicts itself or the size of the file, or a tensor has elements that are
    /// not read.</exception>
    public static StateDict Read(Stream stream, string file)
    {
        var header = ReadHeader(stream, file);
        var dataStart = stream.Position;
        var entries = SafetensorsHeader.Parse(header, stream.Length - dataStart, TypeOf, file);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (entry.End - entry.Start > Array.MaxLength)
                throw new CaliperException($"'{file}' is refused: its tensor '{entry.Name}' is larger than 2 GiB.");
            var bytes = new byte[entry.End - entry.Start];
            stream.Position = dataStart + entry.Start;
            stream.ReadExactly(bytes);
            StorageBytes.ToNative(bytes, entry.Type, isBigEndian: false);
            tensors[entry.Name] = new Tensor(entry.Type, entry.Shape, bytes);
        }
        return new StateDict(tensors, $"'{file}'");
    }

    /// <summary>
    /// Writes all tensors: the header in their order, the data with wider elements first, so that each tensor is aligned to
    /// the size of its elements.
    /// </summary>
    /// <exception cref="CaliperException">A tensor is of a type that the format does not have.</exception>
    public static void Write(StateDict tensors, Stream stream)
    {
        var inFile = tensors.OrderByDescending(t => t.Value.Type.BitsPerElement()).ToArray();
        var positions = new Dictionary<string, long>(StringComparer.Ordinal);
        var end = 0L;
        foreach (var (name, tensor) in inFile)
        {
            positions[name] = end;
            end += tensor.Bytes.Length;
        }

        var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            foreach (var (name, tensor) in tensors) WriteEntry(json, name, tensor, positions[name]);
            json.WriteEndObject();
        }
        while (header.Length % LengthBytes != 0) header.WriteByte((byte)' ');

        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header.GetBuffer().AsSpan(0, (int)header.Length));
        foreach (var (_, tensor) in inFile) stream.Write(tensor.Bytes.Span);
    }

    private static void WriteEntry(Utf8JsonWriter json, string name, Tensor tensor, long position)
    {
        var dtype = Dtypes.FirstOrDefault(d => d.Type == tensor.Type).Name
            ?? throw new CaliperException($"The tensor '{name}' holds {tensor.Type}, which safetensors cannot store.");
        if (!SafetensorsHeader.FillsBytes(tensor.Type, tensor.Count))
            throw new CaliperException($"The tensor '{name}' holds {tensor.Count} elements of {tensor.Type}, which end within a byte: "
                + "safetensors cannot store that.");
        json.WriteStartObject(name);
        json.WriteString("dtype", dtype);
        json.WriteStartArray("shape");
        foreach (var length in tensor.Shape.Dimensions) json.WriteNumberValue(length.Length);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(position);
        json.WriteNumberValue(position + tensor.Bytes.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static byte[] ReadHeader(Stream stream, string file)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        stream.ReadExactly(length);
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerBytes > (ulong)Math.Min(MaxHeaderBytes, stream.Length - LengthBytes))
            throw new CaliperException($"'{file}' is truncated or damaged: its header claims {headerBytes} bytes.");
        var header = new byte[headerBytes];
        stream.ReadExactly(header);
        return header;
    }

    private static ElementType TypeOf(string dtype) => Dtypes.FirstOrDefault(d => d.Name == dtype).Type;
}
