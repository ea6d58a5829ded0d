using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Caliper.Graphs;

namespace Caliper.Torch;

/// <summary>
/// The weights of a network by name, in the order the file lists them: what PyTorch calls a <c>state_dict</c>. Every tensor
/// is dense and row-major, whatever strides it was saved with.
/// </summary>
public sealed class StateDict : IReadOnlyDictionary<string, Tensor>
{
    private readonly OrderedDictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>Creates a state dict from names and tensors, keeping their order.</summary>
    /// <param name="tensors">Names and tensors.</param>
    /// <param name="origin">Where they come from, for messages: a path in quotes, or a phrase.</param>
    /// <exception cref="CaliperException">A name appears twice.</exception>
    public StateDict(IEnumerable<KeyValuePair<string, Tensor>> tensors, string origin = "the state dict")
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Origin = origin;
        foreach (var (name, tensor) in tensors)
        {
            if (!_tensors.TryAdd(name, tensor)) throw new CaliperException($"There are two tensors named '{name}' in {origin}.");
        }
    }

    /// <summary>Where the weights come from, for messages.</summary>
    public string Origin { get; }

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="CaliperException">There is no tensor of that name.</exception>
    public Tensor this[string key] =>
        _tensors.TryGetValue(key, out var tensor)
            ? tensor
            : throw new CaliperException($"There is no tensor '{key}' in {Origin}.");

    /// <summary>The names, in order.</summary>
    public IEnumerable<string> Keys => _tensors.Keys;

    /// <summary>The tensors, in order.</summary>
    public IEnumerable<Tensor> Values => _tensors.Values;

    /// <summary>Number of tensors.</summary>
    public int Count => _tensors.Count;

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value) => _tensors.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
