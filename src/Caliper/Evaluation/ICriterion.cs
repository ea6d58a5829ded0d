using Caliper.Graphs;

namespace Caliper.Evaluation;

/// <summary>A loss: how far a model's output is from the truth, PyTorch's <c>criterion(output, target)</c>.</summary>
public interface ICriterion
{
    /// <summary>The mean loss over a batch.</summary>
    /// <param name="output">What the model returned, samples along the first axis.</param>
    /// <param name="target">The class index of each sample.</param>
    /// <exception cref="CaliperException">The output does not fit the criterion or the labels.</exception>
    double Loss(Tensor output, ReadOnlySpan<int> target);
}
