using System.Globalization;
using Caliper.Files;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Onnx;

/// <summary>
/// Reads tensors that lie in files beside the model. Such a file is named by the model, so the name is not trusted: it must
/// stay inside the model's folder, also after following links, and must hold what the tensor claims. A region that several
/// tensors name is read once; other overlaps are refused, so that memory stays bounded by what lies on disk.
/// </summary>
/// <param name="folders">The model's folder, and where the model is a link that of what it leads to; none where files beside it are
/// unknown.</param>
internal sealed class ExternalDataReader(params string[] folders)
{
    private const int LongestLocation = 4096;

    private readonly Dictionary<(string Path, long Offset), byte[]> _regions = [];
    private readonly Dictionary<string, long> _bytesRead = new(StringComparer.Ordinal);

    /// <summary>For a model in a folder; null where files beside it are unknown.</summary>
    public static ExternalDataReader In(string? folder) => folder is null ? new() : new(folder);

    /// <summary>The elements of a tensor.</summary>
    /// <param name="proto">A tensor whose data location is external.</param>
    /// <param name="byteCount">What its type and shape take.</param>
    public ReadOnlyMemory<byte> Read(TensorProto proto, long byteCount)
    {
        var path = PathOf(proto);
        var offset = Number(proto, "offset") ?? 0;
        var length = Number(proto, "length") ?? byteCount;
        if (length != byteCount)
            throw Bad(proto, $"takes {byteCount} bytes, but the model says that {length} of '{path}' are its own");
        if (byteCount == 0) return ReadOnlyMemory<byte>.Empty;
        if (byteCount > Array.MaxLength) throw Bad(proto, $"takes {byteCount} bytes, more than one tensor can have here");
        if (_regions.TryGetValue((path, offset), out var known) && known.Length == byteCount) return known;
        return _regions[(path, offset)] = ReadRegion(proto, path, offset, (int)byteCount);
    }

    /// <summary>Puts the elements of every external tensor inside a message into the message itself.</summary>
    public void Embed(IMessage message)
    {
        foreach (var tensor in TensorMessages.In(message))
        {
            if (tensor.DataLocation != TensorProto.Types.DataLocation.External) continue;
            var bytes = TensorReader.Read(tensor, this).Bytes;
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
            tensor.ExternalData.Clear();
            tensor.ClearDataLocation();
        }
    }

    private byte[] ReadRegion(TensorProto proto, string path, long offset, int length)
    {
        try
        {
            using var file = File.OpenHandle(path);
            RefusePointer(file, path);
            var size = RandomAccess.GetLength(file);
            if (offset < 0 || offset > size - length)
                throw Bad(proto, $"should be {length} bytes at offset {offset} of '{path}', which has only {size} bytes");
            var total = _bytesRead[path] = _bytesRead.GetValueOrDefault(path) + length;
            if (total > size) throw Bad(proto, $"overlaps other tensors in '{path}'");
            var bytes = GC.AllocateUninitializedArray<byte>(length);
            for (var read = 0; read < length;)
            {
                var got = RandomAccess.Read(file, bytes.AsSpan(read), offset + read);
                if (got == 0) throw Bad(proto, $"could not be read to its end from '{path}'");
                read += got;
            }
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CaliperException($"The tensor '{proto.Name}' lies in '{path}', which cannot be read: {e.Message}", e);
        }
    }

    private static void RefusePointer(Microsoft.Win32.SafeHandles.SafeFileHandle file, string path)
    {
        Span<byte> start = stackalloc byte[64];
        LfsPointer.Refuse(start[..RandomAccess.Read(file, start, 0)], path);
    }

    private string PathOf(TensorProto proto)
    {
        var location = Entry(proto, "location") ?? "";
        if (folders.Length == 0)
            throw Bad(proto, $"lies in another file ('{location}'); say in which folder that one is");
        // Following links costs the square of a path's folders, and no system opens a longer path than this.
        if (location.Length > LongestLocation) throw Bad(proto,
            $"lies in a file whose path has {location.Length} characters, more than {LongestLocation}");
        var parts = location.Split('/', '\\');
        var isInside = !parts.Contains("..") && !parts[0].Contains(':') && !location.Contains('\0') && parts[0].Length > 0;
        if (!isInside || Path.IsPathRooted(location))
            throw Bad(proto, $"lies in '{location}', which is not a plain path below the model's folder");
        // Writers on Windows separate folders with a backslash, which elsewhere is a letter like any other.
        var path = folders.SelectMany(f => new[] { Path.Combine(f, location), Path.Combine([f, .. parts]) }).FirstOrDefault(File.Exists)
            ?? Path.Combine([folders[0], .. parts]);
        var target = WithoutLinks(proto, path);
        if (!folders.Any(f => target.StartsWith(
                Path.TrimEndingDirectorySeparator(WithoutLinks(proto, f)) + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            throw Bad(proto, $"lies in '{location}', a link that leads out of the model's folder");
        return path;
    }

    /// <summary>The path that remains when every link on it is followed.</summary>
    private static string WithoutLinks(TensorProto proto, string path)
    {
        const int mostLinks = 40; // what Linux allows
        var full = Path.GetFullPath(path);
        for (var links = 0; links <= mostLinks; links++)
        {
            var link = Parents(full).FirstOrDefault(p => new FileInfo(p).LinkTarget is not null);
            if (link is null) return full;
            var target = Path.Combine(Path.GetDirectoryName(link)!, new FileInfo(link).LinkTarget!);
            full = Path.GetFullPath(Path.Combine(target, Path.GetRelativePath(link, full)));
        }
        throw Bad(proto, $"lies behind too many links ('{path}')");
    }

    /// <summary>Every folder on the way to a path, outermost first, and the path itself.</summary>
    private static IEnumerable<string> Parents(string path) =>
        Path.GetDirectoryName(path) is { } parent ? Parents(parent).Append(path) : [path];

    private static long? Number(TensorProto proto, string key) => Entry(proto, key) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Bad(proto, $"has the {key} '{text}', which is not a count of bytes");

    private static string? Entry(TensorProto proto, string key) => proto.ExternalData.LastOrDefault(e => e.Key == key)?.Value;

    private static CaliperException Bad(TensorProto proto, string fault) => new($"The tensor '{proto.Name}' {fault}.");
}
