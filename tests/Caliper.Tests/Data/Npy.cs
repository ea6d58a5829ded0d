using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Caliper.Tests.Data;

/// <summary>Writes NumPy's files as NumPy does.</summary>
internal static class Npy
{
    public static byte[] Of<T>(string descr, string shape, T[] elements, bool fortran = false, byte version = 1)
        where T : unmanaged => Raw($"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}",
            MemoryMarshal.AsBytes(elements.AsSpan()).ToArray(), version);

    public static byte[] Raw(string dictionary, byte[] elements, byte version = 1)
    {
        var lengthBytes = version == 1 ? 2 : 4;
        var text = dictionary.PadRight((dictionary.Length + 8 + lengthBytes + 64) / 64 * 64 - 8 - lengthBytes - 1) + "\n";
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length[..lengthBytes], .. Encoding.UTF8.GetBytes(text), .. elements];
    }

    public static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                // Some stored, as by numpy.savez, some deflated, as by numpy.savez_compressed.
                var level = name.Length % 2 == 0 ? CompressionLevel.Optimal : CompressionLevel.NoCompression;
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }
        return stream.ToArray();
    }
}
