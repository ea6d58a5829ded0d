using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Text;

/// <summary>Writes token ids as a network's inputs: ids, attention mask, types of the tokens and positions, by the inputs' names, in the types they
/// have.</summary>
public sealed class TokenInputs
{
    /// <summary>The most tokens of a text where neither the network nor the caller says.</summary>
    public const int DefaultMaxLength = 128;

    private readonly ImmutableArray<(Value Input, TokenRole Role)> _inputs;
    private readonly TextTokenizer _tokenizer;
    private readonly int? _fixedLength;

    private TokenInputs(ImmutableArray<(Value, TokenRole)> inputs, TextTokenizer tokenizer, int? fixedLength, int maxLength) =>
        (_inputs, _tokenizer, _fixedLength, MaxLength) = (inputs, tokenizer, fixedLength, maxLength);

    /// <summary>The most tokens of a text, special tokens included.</summary>
    public int MaxLength { get; }

    /// <summary>Finds out which input of a network is what.</summary>
    /// <param name="inputs">What the network takes: integers of shape [N, L], the mask also floats or booleans.</param>
    /// <param name="tokenizer">Whose padding fills a batch.</param>
    /// <param name="maxLength">The most tokens of a text, special tokens included; null for the network's own length, and
    /// <see cref="DefaultMaxLength"/> where that is free.</param>
    /// <exception cref="CaliperException">An input is none that tokens make, or the network takes fewer tokens.</exception>
    public static TokenInputs For(IReadOnlyList<Value> inputs, TextTokenizer tokenizer, int? maxLength = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var roles = inputs.Select(i => (Input: i, Role: RoleOf(i, inputs.Count))).ToImmutableArray();
        if (roles.Count(r => r.Role is TokenRole.Ids) != 1) throw new CaliperException(
            $"The network takes {string.Join(", ", inputs.Select(i => $"'{i.Name}'"))}: of these, one has to be called ids, as input_ids is.");
        var fixedLengths = inputs.Where(i => i.Shape is { Rank: 2 } shape && shape[1].IsKnown)
            .Select(i => (int)i.Shape!.Value[1].Length).Distinct().ToArray();
        if (fixedLengths.Length > 1) throw new CaliperException($"The network's inputs take {string.Join(" and ", fixedLengths)} tokens at once.");
        int? fixedLength = fixedLengths is [var only] ? only : null;
        if (maxLength > fixedLength)
            throw new CaliperException($"The network takes {fixedLength} tokens; a maximal length of {maxLength} is too much.");
        var length = maxLength ?? fixedLength ?? DefaultMaxLength;
        tokenizer.CheckLength(length);
        return new TokenInputs(roles, tokenizer, fixedLength, length);
    }

    /// <summary>The ids of a text, at most <see cref="MaxLength"/> of them.</summary>
    public ImmutableArray<int> Encode(string text) => _tokenizer.Encode(text, MaxLength);

    /// <summary>The inputs of some texts, padded to the longest of them, or to the network's own length.</summary>
    /// <param name="texts">The ids of each.</param>
    /// <returns>A tensor of shape [N, L] for each input, by name.</returns>
    /// <exception cref="CaliperException">The texts differ in length, and the network has no mask to tell it of padding.</exception>
    public IReadOnlyDictionary<string, Tensor> Of(IReadOnlyList<ImmutableArray<int>> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var length = _fixedLength ?? texts.Max(t => t.Length);
        if (_fixedLength is null && texts.Any(t => t.Length != length) && !_inputs.Any(i => i.Role is TokenRole.Mask))
            throw new CaliperException("The network has no attention mask, so that texts of different lengths cannot share a batch; "
                + "take a batch size of 1.");
        return _inputs.ToDictionary(i => i.Input.Name, i => TensorOf(i.Input, i.Role, texts, length), StringComparer.Ordinal);
    }

    private Tensor TensorOf(Value input, TokenRole role, IReadOnlyList<ImmutableArray<int>> texts, int length)
    {
        var values = new long[texts.Count * length];
        for (var (sample, at) = (0, 0); sample < texts.Count; sample++)
        {
            for (var token = 0; token < length; token++, at++)
            {
                var isText = token < texts[sample].Length;
                values[at] = role switch
                {
                    TokenRole.Ids => isText ? texts[sample][token] : _tokenizer.PaddingId,
                    TokenRole.Mask => isText ? 1 : 0,
                    TokenRole.Positions => token,
                    _ => 0,
                };
            }
        }
        var shape = Shape.Of(texts.Count, length);
        return input.Type switch
        {
            ElementType.Int64 => Tensor.Of(shape, values),
            ElementType.Int32 => Tensor.Of(shape, Array.ConvertAll(values, v => (int)v)),
            ElementType.Boolean => new Tensor(ElementType.Boolean, shape, Array.ConvertAll(values, v => (byte)v)),
            _ => Tensor.Of(shape, Array.ConvertAll(values, v => (float)v)),
        };
    }

    private static TokenRole RoleOf(Value input, int count)
    {
        var name = input.Name.ToLowerInvariant();
        TokenRole? role = name.Contains("mask", StringComparison.Ordinal) ? TokenRole.Mask
            : name.Contains("type", StringComparison.Ordinal) || name.Contains("segment", StringComparison.Ordinal) ? TokenRole.Types
            : name.Contains("position", StringComparison.Ordinal) ? TokenRole.Positions
            : name.Contains("id", StringComparison.Ordinal) || name.Contains("token", StringComparison.Ordinal) || count == 1 ? TokenRole.Ids : null;
        var isWhole = input.Type is ElementType.Int64 or ElementType.Int32;
        var fits = isWhole || (role is TokenRole.Mask && input.Type is ElementType.Boolean or ElementType.Float32);
        if (role is { } known && fits && input.Shape is not { Rank: not 2 }) return known;
        throw new CaliperException($"The network's input '{input.Name}', {input.Type} {input.Shape}, is none that text makes: ids, a mask, "
            + "token types or positions, whole numbers of shape [N, L].");
    }

    private enum TokenRole
    {
        Ids,
        Mask,
        Types,
        Positions,
    }
}
