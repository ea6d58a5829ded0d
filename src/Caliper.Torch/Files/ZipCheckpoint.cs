using System.IO.Compression;
using Caliper.Torch.Pickling;

namespace Caliper.Torch.Files;

/// <summary>
/// Reads what <c>torch.save</c> writes since PyTorch 1.6: a zip archive with a pickle <c>data.pkl</c> and one record a storage,
/// <c>data/0</c>, <c>data/1</c> …, all under one folder.
/// </summary>
internal sealed class ZipCheckpoint
{
    private const string PickleName = "data.pkl";

    private readonly string _file;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly MemoryBudget _budget;
    private readonly bool _isBigEndian;
    private readonly Dictionary<string, byte[]> _storages = new(StringComparer.Ordinal);

    private ZipCheckpoint(ZipArchive archive, string file, long length)
    {
        (_file, _budget) = (file, new MemoryBudget(file, length));
        var pickle = archive.Entries.FirstOrDefault(e => e.Name == PickleName)
            ?? throw new CaliperException($"'{file}' is a zip archive but no PyTorch checkpoint: it has no {PickleName}.");
        var root = pickle.FullName[..^PickleName.Length];
        foreach (var entry in archive.Entries.Where(e => e.FullName.StartsWith(root, StringComparison.Ordinal)))
        {
            if (!_entries.TryAdd(entry.FullName[root.Length..], entry))
                throw new CaliperException($"'{file}' is damaged: it has two records '{entry.FullName}'.");
        }
        if (_entries.ContainsKey("constants.pkl"))
        {
            throw new CaliperException($"'{file}' is a TorchScript archive (torch.jit.save), which holds code; "
                + "save model.state_dict() with torch.save.");
        }
        _isBigEndian = _entries.TryGetValue("byteorder", out var order) && Read(order).AsSpan().SequenceEqual("big"u8);
    }

    /// <summary>Reads the state dict of an archive.</summary>
    /// <exception cref="CaliperException">It is damaged, hostile, or holds none.</exception>
    public static StateDict Read(Stream stream, string file)
    {
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            return new ZipCheckpoint(archive, file, stream.Length).Read();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException)
        {
            throw new CaliperException(
                $"'{file}' is truncated or damaged: its zip archive cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private StateDict Read()
    {
        var pickle = Read(_entries[PickleName]);
        var root = new PickleMachine(new PickleInput(new MemoryStream(pickle), _file), new TorchObjects(_file)).Run();
        var tensors = StateDictFinder.Find(root, _file);
        return new StateDict(tensors.Select(t => KeyValuePair.Create(
            t.Key, StridedView.ToTensor(t.Key, t.Value, Storage(t.Value.Storage), _budget, _file))),
            $"'{_file}'");
    }

    private byte[] Storage(StorageReference storage)
    {
        if (_storages.TryGetValue(storage.Key, out var known)) return known;
        if (!_entries.TryGetValue("data/" + storage.Key, out var entry))
            throw new CaliperException($"'{_file}' is damaged: its record 'data/{storage.Key}' is missing.");
        if (entry.Length != storage.ByteCount)
        {
            throw new CaliperException($"'{_file}' is damaged: its record 'data/{storage.Key}' has {entry.Length} bytes "
                + $"instead of {storage.ByteCount}.");
        }
        var bytes = StorageBytes.ToNative(Read(entry), storage.Type, _isBigEndian);
        _storages.Add(storage.Key, bytes);
        return bytes;
    }

    private byte[] Read(ZipArchiveEntry entry)
    {
        var bytes = _budget.Allocate(entry.Length, $"the record '{entry.FullName}'");
        using var content = entry.Open();
        content.ReadExactly(bytes);
        if (content.ReadByte() >= 0)
            throw new CaliperException($"'{_file}' is damaged: its record '{entry.FullName}' is longer than declared.");

        // torch.save can be told not to compute checksums, and then writes zero.
        if (entry.Crc32 != 0 && entry.Crc32 != Crc32.Of(bytes))
            throw new CaliperException($"'{_file}' is damaged: the checksum of its record '{entry.FullName}' is wrong.");
        return bytes;
    }
}
