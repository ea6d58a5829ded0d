using System.IO.Compression;

namespace Caliper.Data;

/// <summary>An open <c>.npy</c> file, which is one array without a name, or <c>.npz</c> file, which is a zip of them.</summary>
internal sealed class ArrayFile : IDisposable
{
    private const string Extension = ".npy";

    private readonly string _path;
    private readonly ZipArchive? _zip;

    private ArrayFile(string path)
    {
        _path = path;
        Span<byte> start = stackalloc byte[6];
        using (var file = File.OpenRead(path)) start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (NpyHeader.IsStartOf(start)) return;
        if (!IsZip(start)) throw new CaliperException($"'{path}' is neither a .npy nor a .npz file.");
        _zip = ZipFile.OpenRead(path);
    }

    /// <summary>Names of the arrays, in the file's order; the array of a <c>.npy</c> file has an empty one.</summary>
    public IEnumerable<string> Names => _zip is null ? [""] : _zip.Entries.Select(e => e.FullName).Select(name =>
        name.EndsWith(Extension, StringComparison.Ordinal) ? name[..^Extension.Length]
        : throw new CaliperException($"'{_path}' holds '{name}', which is no {Extension} array; remove it."));

    /// <summary>Whether a file that starts so is a zip, also one without entries.</summary>
    public static bool IsZip(ReadOnlySpan<byte> start) =>
        start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Opens a file of either kind, told apart by its first bytes.</summary>
    /// <exception cref="CaliperException">The file is missing, unreadable or of another kind.</exception>
    public static ArrayFile Open(string path) => FileReading.Guard(path, () => new ArrayFile(path));

    /// <summary>What to call an array in a message.</summary>
    public string PlaceOf(string array) => _zip is null ? $"'{_path}'" : $"The array '{array}' of '{_path}'";

    /// <summary>A stream over an array, header included, and how many bytes it claims to have.</summary>
    public (Stream Stream, long ByteCount) OpenArray(string array)
    {
        if (_zip is null)
        {
            var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            return (file, file.Length);
        }
        var entry = _zip.GetEntry(array + Extension) ?? throw new CaliperException($"'{_path}' holds no array '{array}'.");
        return (entry.Open(), entry.Length);
    }

    public void Dispose() => _zip?.Dispose();
}
