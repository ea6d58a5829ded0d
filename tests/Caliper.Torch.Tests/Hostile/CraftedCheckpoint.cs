using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Caliper.Torch.Files;

namespace Caliper.Torch.Tests.Hostile;

/// <summary>
/// Checkpoints made by hand. A pickle is written as text whose characters are its bytes: <c>K\u0001</c> pushes 1,
/// <c>cos\nsystem\n</c> a global, <c>.</c> ends it.
/// </summary>
internal static class CraftedCheckpoint
{
    /// <summary>A storage of floats with a given key.</summary>
    public static string Storage(string key, int count, string type = "FloatStorage", string view = "") =>
        $"({Text("storage")}ctorch\n{type}\n{Text(key)}{Text("cpu")}{Integer(count)}{view}tQ";

    /// <summary>A tensor on a storage.</summary>
    public static string Tensor(string storage, long offset, long[] size, long[] stride) =>
        $"ctorch._utils\n_rebuild_tensor_v2\n({storage}{Integer(offset)}{Integers(size)}{Integers(stride)}\u0089}}tR";

    /// <summary>Two floats under a name, by a storage <c>0</c>.</summary>
    public static string TwoFloats => Tensor(Storage("0", 2), 0, [2], [1]);

    /// <summary>A dictionary of text keys and values that are pickle text.</summary>
    public static string Dictionary(params (string Key, string Value)[] entries) =>
        "}(" + string.Concat(entries.Select(e => Text(e.Key) + e.Value)) + "u";

    public static string Text(string text) =>
        "X" + Latin1(i => BinaryPrimitives.WriteInt32LittleEndian(i, text.Length), 4) + text;

    public static string Integer(long value) =>
        "\u008a\u0008" + Latin1(i => BinaryPrimitives.WriteInt64LittleEndian(i, value), 8);

    public static string Integers(params long[] values) => "(" + string.Concat(values.Select(Integer)) + "t";

    /// <summary>An archive as of PyTorch 1.6, stored.</summary>
    public static byte[] Zip(string pickle, params (string Name, byte[] Content)[] records)
    {
        var stream = new MemoryStream();
        var zip = new StoredZip(stream);
        zip.Add("any/data.pkl", Bytes(pickle));
        foreach (var (name, content) in records) zip.Add("any/" + name, content);
        zip.Finish();
        return stream.ToArray();
    }

    /// <summary>The same archive, deflated.</summary>
    public static byte[] Deflated(string pickle, params (string Name, byte[] Content)[] records)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in records.Prepend(("data.pkl", Bytes(pickle))))
            {
                using var entry = archive.CreateEntry("any/" + name, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    }

    /// <summary>A file as before PyTorch 1.6.</summary>
    public static byte[] Legacy(string pickle, string keys, string storages, string systemInformation = "}.") =>
        [.. LegacyCheckpoint.Magic, .. Bytes("\u0080\u0002M\u00e9\u0003." + systemInformation + pickle + keys + storages)];

    public static byte[] Bytes(string pickle) => Encoding.Latin1.GetBytes(pickle);

    public static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    /// <summary>Loads a file of some bytes.</summary>
    public static StateDict Load(byte[] content)
    {
        using var file = new TemporaryFile("crafted.pth", content);
        return Checkpoint.Load(file.Path);
    }

    /// <summary>The message of the refusal to load a file of some bytes.</summary>
    public static string Refusal(byte[] content)
    {
        var message = Assert.Throws<CaliperException>(() => Load(content)).Message;
        Assert.Contains("crafted.pth", message, StringComparison.Ordinal);
        return message;
    }

    /// <summary>Loading a file of some bytes is refused with a message that contains a part.</summary>
    public static void AssertRefused(byte[] content, string part) =>
        Assert.Contains(part, Refusal(content), StringComparison.Ordinal);

    private delegate void Fill(Span<byte> bytes);

    private static string Latin1(Fill fill, int length)
    {
        Span<byte> bytes = stackalloc byte[length];
        fill(bytes);
        return Encoding.Latin1.GetString(bytes);
    }
}
