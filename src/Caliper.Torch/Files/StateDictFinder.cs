using Caliper.Torch.Pickling;

namespace Caliper.Torch.Files;

/// <summary>Finds the weights in what a checkpoint holds: training scripts wrap them, with the epoch and much else.</summary>
internal static class StateDictFinder
{
    /// <summary>The keys under which scripts put the weights, the most telling first.</summary>
    private static readonly string[] WrapperKeys = ["state_dict", "model_state_dict", "model", "net", "network"];

    /// <summary>Added by <c>DataParallel</c> and its like, which wrap the network in one more module.</summary>
    private const string ParallelPrefix = "module.";

    private const int MaxWrappers = 3;

    /// <summary>The tensors of the weights by name, prefix <c>module.</c> removed where all have it.</summary>
    /// <exception cref="CaliperException">There are none.</exception>
    public static IReadOnlyList<KeyValuePair<string, TensorReference>> Find(object? root, string file) =>
        Find(root, MaxWrappers) ?? throw new CaliperException(
            $"'{file}' holds no state dict: expected a dictionary of tensors, plain or under one of the keys "
            + $"{string.Join(", ", WrapperKeys.Select(k => $"'{k}'"))}; save model.state_dict() with torch.save.");

    /// <summary>What is wrapped goes before what lies beside it: scripts also keep a tensor or two of their own.</summary>
    private static List<KeyValuePair<string, TensorReference>>? Find(object? candidate, int wrappersLeft)
    {
        if (candidate is not PickleDict dictionary || wrappersLeft < 0) return null;
        foreach (var key in WrapperKeys)
        {
            if (Find(dictionary.Entries.GetValueOrDefault(key), wrappersLeft - 1) is { } wrapped) return wrapped;
        }
        var tensors = Tensors(dictionary);
        return tensors.Count > 0 ? WithoutPrefix(tensors) : null;
    }

    private static List<KeyValuePair<string, TensorReference>> Tensors(PickleDict dictionary) =>
        [.. from entry in dictionary.Entries
            where entry.Value is TensorReference
            select KeyValuePair.Create(entry.Key, (TensorReference)entry.Value!)];

    private static List<KeyValuePair<string, TensorReference>> WithoutPrefix(
        List<KeyValuePair<string, TensorReference>> tensors) =>
        tensors.All(t => t.Key.StartsWith(ParallelPrefix, StringComparison.Ordinal))
            ? [.. tensors.Select(t => KeyValuePair.Create(t.Key[ParallelPrefix.Length..], t.Value))]
            : tensors;
}
