using Caliper.Torch.Pickling;

namespace Caliper.Torch.Files;

/// <summary>Finds the weights in what a checkpoint holds: training scripts wrap them, together with the epoch and much else.</summary>
internal static class StateDictFinder
{
    /// <summary>The keys under which scripts put the weights, the most telling first.</summary>
    private static readonly string[] WrapperKeys = ["state_dict", "model_state_dict", "model", "net", "network"];

    /// <summary>Added by <c>DataParallel</c> and <c>DistributedDataParallel</c>, which wrap the network in one more module.</summary>
    private const string ParallelPrefix = "module.";

    private const int MaxWrappers = 4;

    /// <summary>The tensors of the weights by name, prefix <c>module.</c> removed where all have it.</summary>
    /// <exception cref="CaliperException">There are none.</exception>
    public static IReadOnlyList<KeyValuePair<string, TensorReference>> Find(object? root, string file)
    {
        for (var depth = 0; depth < MaxWrappers && root is PickleDict dictionary; depth++)
        {
            var inner = WrapperKeys.Select(k => dictionary.Entries.GetValueOrDefault(k)).OfType<PickleDict>().FirstOrDefault();
            if (inner is null)
            {
                var tensors = Tensors(dictionary);
                if (tensors.Count > 0) return WithoutPrefix(tensors);
                break;
            }
            root = inner;
        }
        throw new CaliperException(
            $"'{file}' holds no state dict: expected a dictionary of tensors, plain or under one of the keys "
            + $"{string.Join(", ", WrapperKeys.Select(k => $"'{k}'"))}; save model.state_dict() with torch.save.");
    }

    private static List<KeyValuePair<string, TensorReference>> Tensors(PickleDict dictionary) =>
        [.. dictionary.Entries.Where(e => e.Value is TensorReference).Select(e => KeyValuePair.Create(e.Key, (TensorReference)e.Value!))];

    private static List<KeyValuePair<string, TensorReference>> WithoutPrefix(List<KeyValuePair<string, TensorReference>> tensors) =>
        tensors.All(t => t.Key.StartsWith(ParallelPrefix, StringComparison.Ordinal))
            ? [.. tensors.Select(t => KeyValuePair.Create(t.Key[ParallelPrefix.Length..], t.Value))]
            : tensors;
}
