using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Caliper.Graphs;

namespace Caliper.Data;

/// <summary>Writes tensors as NumPy's <c>.npz</c>, which <see cref="ArrayFile"/> reads.</summary>
internal static class ArrayWriter
{
    private const int Alignment = 64;

    /// <summary>Writes a file of some arrays.</summary>
    /// <param name="path">Where to; what is there is replaced.</param>
    /// <param name="arrays">The arrays, by name.</param>
    /// <exception cref="CaliperException">An array has a type that NumPy does not have.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> arrays)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, tensor) in arrays)
        {
            var header = HeaderOf(name, tensor);
            using var entry = zip.CreateEntry(name + ".npy", CompressionLevel.NoCompression).Open();
            entry.Write(header);
            entry.Write(tensor.Bytes.Span);
        }
    }

    private static byte[] HeaderOf(string name, Tensor tensor)
    {
        var type = tensor.Type switch
        {
            ElementType.Float32 => "<f4",
            ElementType.Float64 => "<f8",
            ElementType.Float16 => "<f2",
            ElementType.Int64 => "<i8",
            ElementType.Int32 => "<i4",
            ElementType.Int16 => "<i2",
            ElementType.UInt16 => "<u2",
            ElementType.Int8 => "|i1",
            ElementType.UInt8 => "|u1",
            ElementType.Boolean => "|b1",
            _ => throw new CaliperException($"'{name}' holds {tensor.Type}, which NumPy has no type for."),
        };
        var lengths = string.Concat(tensor.Shape.ToArray().Select(l => string.Create(CultureInfo.InvariantCulture, $"{l}, ")));
        var dictionary = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({lengths}), }}";
        // Magic, version and length take ten bytes; a line break ends the header.
        var padded = dictionary.PadRight(((dictionary.Length + 10 + Alignment) / Alignment * Alignment) - 11) + "\n";
        byte[] start = [0x93, .. "NUMPY"u8, 1, 0, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(start.AsSpan(8), checked((ushort)padded.Length));
        return [.. start, .. Encoding.ASCII.GetBytes(padded)];
    }
}
