using Caliper.Graphs;

namespace Caliper.Evaluation;

/// <summary>A model's output seen as one row of class scores a sample.</summary>
internal readonly struct Logits
{
    private readonly Tensor _tensor;

    private Logits(Tensor tensor, int samples, int classes) => (_tensor, Samples, Classes) = (tensor, samples, classes);

    /// <summary>Number of rows.</summary>
    public int Samples { get; }

    /// <summary>Scores in a row.</summary>
    public int Classes { get; }

    /// <summary>The scores of one sample.</summary>
    public ReadOnlySpan<float> Row(int sample) => _tensor.Span<float>().Slice(sample * Classes, Classes);

    /// <summary>
    /// Reads [N,C] or [N,C,1,1] as rows; null where the tensor is something else: another element type, more axes, or a
    /// single class, of which there is nothing to rank.
    /// </summary>
    public static Logits? TryFrom(Tensor tensor)
    {
        var lengths = tensor.Shape.Dimensions;
        var isMatrix = tensor.Type is ElementType.Float32 && lengths.Length >= 2 && lengths.Skip(2).All(d => d.Length == 1);
        return isMatrix && lengths[1].Length >= 2
            ? new Logits(tensor, checked((int)lengths[0].Length), checked((int)lengths[1].Length))
            : null;
    }

    /// <summary>Reads [N,C] or [N,C,1,1] as rows, one for each label.</summary>
    /// <exception cref="CaliperException">The tensor is something else, or a label is no class of it.</exception>
    public static Logits From(Tensor tensor, ReadOnlySpan<int> labels)
    {
        if (TryFrom(tensor) is not { } logits)
            throw new CaliperException($"Class scores are a Float32 tensor of shape N×C with two classes or more, not {tensor}; "
                + "name the output that holds them.");
        if (logits.Samples != labels.Length)
            throw new CaliperException($"The model returned {logits.Samples} rows of class scores for {labels.Length} labels.");
        foreach (var label in labels)
        {
            if ((uint)label >= (uint)logits.Classes)
                throw new CaliperException($"The label {label} is no class of a model with {logits.Classes} classes "
                    + $"(0 to {logits.Classes - 1}).");
        }
        return logits;
    }
}
