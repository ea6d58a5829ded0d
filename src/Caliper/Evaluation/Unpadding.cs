using System.Collections.Immutable;
using Caliper.Data;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Evaluation;

/// <summary>
/// Takes sentences out of the padding that makes them as long as the longest of their batch. What a network computes of padding is nobody's
/// result: it must not widen a range, nor count as error. It is known where the network has an input that is called a mask, and takes
/// sentences of any length: what the mask leaves out at a sample's end is padding.
/// </summary>
internal sealed class Unpadding
{
    private readonly string _mask;
    private readonly ImmutableDictionary<string, int[]> _axes;

    private Unpadding(string mask, ImmutableDictionary<string, int[]> axes) => (_mask, _axes) = (mask, axes);

    /// <summary>How a network's samples are cut; null where it has no mask, or takes one length alone.</summary>
    /// <param name="inputs">What the network takes.</param>
    public static Unpadding? Of(IReadOnlyList<Value> inputs)
    {
        var masks = inputs.Where(i => i.Name.Contains("mask", StringComparison.OrdinalIgnoreCase) && i.Shape is { Rank: 2 } s && !s[1].IsKnown
            && (i.Type is ElementType.Int64 or ElementType.Int32 or ElementType.Boolean || FloatCasts.IsFloat(i.Type))).ToArray();
        if (masks is not [{ Shape: { } shape } mask] || inputs.Any(i => i.Shape is not { Rank: > 0 } s || s[0].IsKnown)) return null;
        // Exporters give axes of one length one name; those without a name are taken for it where they are second, as the mask's is.
        var length = shape[1];
        return new Unpadding(mask.Name, inputs.ToImmutableDictionary(i => i.Name, i =>
            Enumerable.Range(1, i.Shape!.Value.Rank - 1).Where(axis => IsLength(i.Shape.Value[axis], axis)).ToArray()));

        bool IsLength(Dimension d, int axis) => !d.IsKnown && (d.Symbol is null || length.Symbol is null ? axis == 1 : d.Symbol == length.Symbol);
    }

    /// <summary>The samples of a batch without padding, those of one length together, in the order of the first of each; the batch itself where
    /// there is none.</summary>
    public IEnumerable<Batch> Of(Batch batch)
    {
        if (LengthsOf(batch.Inputs) is not { } lengths || lengths.Length != batch.Count) return [batch];
        return lengths.Index().GroupBy(l => l.Item, l => l.Index).Select(group => new Batch(
            batch.Inputs.ToDictionary(i => i.Key, i => Cut(i.Value, _axes[i.Key], [.. group], group.Key), StringComparer.Ordinal),
            batch.Labels is { } labels ? [.. group.Select(i => labels[i])] : null, [.. group.Select(i => batch.SampleNames[i])]));
    }

    /// <summary>The inputs of one sample without padding.</summary>
    public IReadOnlyDictionary<string, Tensor> OfOne(IReadOnlyDictionary<string, Tensor> inputs) => LengthsOf(inputs) is not [var length] ? inputs
        : inputs.ToDictionary(i => i.Key, i => Cut(i.Value, _axes[i.Key], [0], length), StringComparer.Ordinal);

    /// <summary>How long each sample is; null where none has padding, or the inputs are not as the network says.</summary>
    private int[]? LengthsOf(IReadOnlyDictionary<string, Tensor> inputs)
    {
        if (!inputs.TryGetValue(_mask, out var mask) || mask.Shape.Rank != 2) return null;
        var (samples, longest) = ((int)mask.Shape[0].Length, (int)mask.Shape[1].Length);
        if (inputs.Any(i => !_axes.TryGetValue(i.Key, out var axes) || i.Value.Shape.Rank == 0 || i.Value.Shape[0].Length != samples
            || axes.Any(a => a >= i.Value.Shape.Rank || i.Value.Shape[a].Length != longest))) return null;
        var bytes = mask.Bytes.Span;
        if (samples == 0 || bytes.Length % (samples * Math.Max(1, longest)) != 0) return null;
        var size = longest == 0 ? 0 : bytes.Length / (samples * longest);
        var lengths = new int[samples];
        for (var i = 0; i < samples; i++)
        {
            // Zero is zero in every type. A sample that is nothing but padding stays as it is.
            var last = bytes.Slice(i * longest * size, longest * size).LastIndexOfAnyExcept((byte)0);
            lengths[i] = last < 0 ? longest : last / size + 1;
        }
        return lengths.All(l => l == longest) ? null : lengths;
    }

    /// <summary>Some samples of a tensor, and of some axes what lies before a length.</summary>
    private static Tensor Cut(Tensor tensor, int[] axes, int[] samples, int length)
    {
        var shape = tensor.Shape;
        var size = tensor.Bytes.Length / (int)Math.Max(1, shape.ElementCount);
        var kept = shape.With(0, samples.Length);
        foreach (var axis in axes) kept = kept.With(axis, length);
        // Rows along the last axis that is cut; what lies after it stays together.
        var cut = axes.Length == 0 ? 0 : axes[^1];
        var inner = size * (int)shape.Dimensions.Skip(cut + 1).Aggregate(1L, (all, d) => all * d.Length);
        var (rowBytes, target) = ((int)kept[cut].Length * inner, new byte[kept.ElementCount * size]);
        var places = new long[cut + 1];
        for (var at = 0; at < target.Length; at += cut == 0 ? inner : rowBytes)
        {
            var source = (long)samples[places[0]];
            for (var axis = 1; axis <= cut; axis++) source = source * shape[axis].Length + (axis == cut ? 0 : places[axis]);
            tensor.Bytes.Span.Slice((int)(source * inner), cut == 0 ? inner : rowBytes).CopyTo(target.AsSpan(at));
            for (var axis = Math.Max(0, cut - 1); ++places[axis] == kept[axis].Length && axis > 0; axis--) places[axis] = 0;
        }
        return new Tensor(tensor.Type, kept, target);
    }
}
