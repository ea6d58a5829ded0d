using System.Buffers.Binary;
using Caliper.Torch.Pickling;

namespace Caliper.Torch.Files;

/// <summary>
/// Reads what <c>torch.save</c> wrote before PyTorch 1.6: five pickles in a row (a magic number, the protocol version, facts
/// about the machine, the object, the keys of its storages), then the storages, each an int64 count and its elements.
/// </summary>
internal sealed class LegacyCheckpoint
{
    /// <summary>How every such file begins: the pickle of 0x1950a86a20f9469cfc6c.</summary>
    public static ReadOnlySpan<byte> Magic =>
        [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    private const long ProtocolVersion = 1001;

    private readonly Stream _stream;
    private readonly string _file;
    private readonly TorchObjects _objects;
    private readonly MemoryBudget _budget;

    private LegacyCheckpoint(Stream stream, string file) =>
        (_stream, _file, _objects, _budget) = (stream, file, new TorchObjects(file), new MemoryBudget(file, stream.Length));

    /// <summary>Reads the state dict of a file that begins with <see cref="Magic"/>.</summary>
    /// <exception cref="CaliperException">It is damaged, hostile, or holds none.</exception>
    public static StateDict Read(Stream stream, string file) => new LegacyCheckpoint(stream, file).Read();

    private StateDict Read()
    {
        _stream.Position = Magic.Length;
        if (Pickle() is not ProtocolVersion)
            throw Damaged($"it is not of PyTorch's protocol version {ProtocolVersion}");
        Pickle();
        var tensors = StateDictFinder.Find(Pickle(), _file);
        if (Pickle() is not List<object?> keys)
            throw Damaged("the list of its storages is missing");

        var needed = tensors.Select(t => t.Value.Storage.Key).ToHashSet(StringComparer.Ordinal);
        var storages = Storages(keys, needed);
        return new StateDict(tensors.Select(t => KeyValuePair.Create(
            t.Key, StridedView.ToTensor(t.Key, t.Value, Bytes(storages, t.Value.Storage.Key), _budget, _file))),
            $"'{_file}'");
    }

    private object? Pickle() => new PickleMachine(new PickleInput(_stream, _file), _objects).Run();

    private Dictionary<string, byte[]> Storages(List<object?> keys, HashSet<string> needed)
    {
        var storages = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (key is not string name || !_objects.Storages.TryGetValue(name, out var storage))
                throw Damaged("it lists a storage that no tensor uses");
            CheckCount(storage);
            var left = _stream.Length - _stream.Position;
            if (storage.ByteCount > left)
                throw Damaged($"{left} of {storage.ByteCount} bytes are left for its storage '{name}'");
            if (!needed.Contains(name))
            {
                _stream.Position += storage.ByteCount;
                continue;
            }
            var bytes = _budget.Allocate(storage.ByteCount, $"the storage '{name}'");
            _stream.ReadExactly(bytes);
            storages[name] = StorageBytes.ToNative(bytes, storage.Type, isBigEndian: false);
        }
        return storages;
    }

    private void CheckCount(StorageReference storage)
    {
        Span<byte> count = stackalloc byte[sizeof(long)];
        if (_stream.ReadAtLeast(count, count.Length, throwOnEndOfStream: false) < count.Length)
            throw Damaged($"its storage '{storage.Key}' is missing");
        if (BinaryPrimitives.ReadInt64LittleEndian(count) is var written && written != storage.Count)
            throw Damaged($"its storage '{storage.Key}' has {written} elements instead of {storage.Count}");
    }

    private byte[] Bytes(Dictionary<string, byte[]> storages, string key) => storages.TryGetValue(key, out var bytes)
        ? bytes
        : throw Damaged($"its storage '{key}' is not in the list of storages");

    private CaliperException Damaged(string what) => new($"'{_file}' is truncated or damaged: {what}.");
}
