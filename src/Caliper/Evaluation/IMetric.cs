using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Evaluation;

/// <summary>A measure of your own, gathered batch by batch: intersection over union, word error rate, whatever the network is for. Give it to
/// <see cref="Evaluator.Evaluate"/>; <see cref="EvaluationResult.Metrics"/> has its value.</summary>
public interface IMetric
{
    /// <summary>What the result is called.</summary>
    string Name { get; }

    /// <summary>The value over all that was seen.</summary>
    double Value { get; }

    /// <summary>Takes in what a model returned for some samples.</summary>
    /// <param name="batch">What was fed: a batch of the data, or a part of one whose samples have one length. Its names lead to whatever truth
    /// the metric keeps.</param>
    /// <param name="outputs">What the model returned, by name; not to be kept.</param>
    void Update(Batch batch, IReadOnlyDictionary<string, Tensor> outputs);
}
