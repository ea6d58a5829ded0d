using Caliper.Graphs;

namespace Caliper.Torch.Pickling;

/// <summary>Builds what the allowed calls of a pickle ask for: descriptions of storages and tensors, never code.</summary>
internal sealed class TorchObjects(string file)
{
    private const int MaxRank = 64;

    private readonly Dictionary<string, StorageReference> _storages = new(StringComparer.Ordinal);

    /// <summary>The storages mentioned so far, by key.</summary>
    public IReadOnlyDictionary<string, StorageReference> Storages => _storages;

    /// <summary>What <c>callee(*arguments)</c> gives.</summary>
    public object? Call(TorchGlobal callee, object?[] arguments)
    {
        switch (callee.Kind, arguments)
        {
            case (TorchGlobalKind.OrderedDict, []):
                return new PickleDict();
            case (TorchGlobalKind.RebuildTensor, [StorageReference storage, long offset, object?[] size, object?[] stride, ..]):
                return Describe(storage, storage.Type, offset, size, stride);
            case (TorchGlobalKind.RebuildTensorOfDtype,
                [StorageReference storage, long offset, object?[] size, object?[] stride, _, _, TorchGlobal dtype, ..])
                when dtype.Kind is TorchGlobalKind.Dtype:
                return Describe(storage, dtype.Type, offset, size, stride);
            case (TorchGlobalKind.RebuildParameter, [TensorReference tensor, ..]):
                return tensor;
            case (TorchGlobalKind.RebuildFromType, [TorchGlobal rebuild, _, object?[] inner, ..])
                when rebuild.Kind is TorchGlobalKind.RebuildTensor or TorchGlobalKind.RebuildTensorOfDtype:
                return Call(rebuild, inner);
            case (TorchGlobalKind.Size, [object?[] lengths]):
                return lengths;
            case (TorchGlobalKind.Device, _):
                return null;
            default:
                throw Damaged($"it calls '{callee.Name}' with arguments that PyTorch would not give");
        }
    }

    /// <summary>The storage that a persistent id names: <c>('storage', class, key, location, count[, view])</c>.</summary>
    public StorageReference Storage(object? persistentId)
    {
        if (persistentId is not object?[] { Length: 5 or 6 } parts
            || parts is not ["storage", TorchGlobal { Kind: TorchGlobalKind.Storage } type, string key, _, long count, ..])
            throw Damaged("it refers to data by something other than a storage");
        if (count < 0 || count > int.MaxValue)
            throw new CaliperException($"'{file}' is refused: its storage '{key}' claims {count} elements.");

        var storage = new StorageReference(key, type.Type, count, 0, count);
        if (!_storages.TryAdd(key, storage) && _storages[key] != storage)
            throw Damaged($"it gives its storage '{key}' two different types or sizes");
        return parts is [.., object?[] view] && parts.Length == 6 ? View(storage, view) : storage;
    }

    private StorageReference View(StorageReference storage, object?[] view) =>
        view is [_, long offset, long count] && offset >= 0 && count >= 0 && offset <= storage.Count - count
            ? storage with { ViewOffset = offset, ViewCount = count }
            : throw Damaged($"a view leaves its storage '{storage.Key}'");

    private TensorReference Describe(StorageReference storage, ElementType type, long offset, object?[] size, object?[] stride)
    {
        if (size.Length != stride.Length || size.Length > MaxRank)
            throw Damaged($"a tensor on its storage '{storage.Key}' has {size.Length} axes and {stride.Length} strides");
        return new(storage, type, offset, Integers(size), Integers(stride));
    }

    private long[] Integers(object?[] values) =>
        [.. values.Select(v => v is long n ? n : throw Damaged("the shape of a tensor is not made of integers"))];

    private CaliperException Damaged(string what) => new($"'{file}' is damaged: {what}.");
}
