using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Data;

/// <summary>A model that is run step by step and fed with its own states; those that it is given count at the first step of a stream.</summary>
/// <param name="model">The model.</param>
/// <param name="feed">Which outputs are fed to which inputs.</param>
/// <param name="stepsPerStream">After how many steps the next stream starts.</param>
internal sealed class StreamedModel(IModel model, StateFeed feed, int stepsPerStream) : IModel
{
    private int _step;
    private Dictionary<string, Tensor>? _states;

    public IReadOnlyList<Value> Inputs => model.Inputs;

    public IReadOnlyList<Value> Outputs => model.Outputs;

    /// <summary>Runs one step.</summary>
    /// <returns>What the model was fed with, and what it returned.</returns>
    public (IReadOnlyDictionary<string, Tensor> Fed, IReadOnlyDictionary<string, Tensor> Outputs) Step(
        IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default)
    {
        if (_step++ % stepsPerStream == 0) _states = null;
        var fed = inputs.ToDictionary(i => i.Key, i => _states?.GetValueOrDefault(i.Key) ?? i.Value, StringComparer.Ordinal);
        var outputs = model.Run(fed, cancellationToken);
        _states = feed.Next(outputs);
        return (fed, outputs);
    }

    /// <summary>Runs the steps of a batch, one after the other.</summary>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default)
    {
        // All tensors have the same number of rows a step: that of the steps divides all of their lengths.
        var count = StepsIn(inputs);
        var outputs = model.Outputs.ToDictionary(o => o.Name, _ => new List<Tensor>(count), StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var step = inputs.ToDictionary(p => p.Key, p => Batches.Samples(p.Value, count, i, 1), StringComparer.Ordinal);
            foreach (var (name, tensor) in Step(step, cancellationToken).Outputs) outputs[name].Add(tensor);
        }
        return outputs.ToDictionary(o => o.Key, o => Batches.Join(o.Key, o.Value), StringComparer.Ordinal);
    }

    /// <summary>An input of the network that has one row a step tells how many there are.</summary>
    private int StepsIn(IReadOnlyDictionary<string, Tensor> inputs) => inputs.Min(p =>
    {
        var rows = model.Inputs.FirstOrDefault(i => i.Name == p.Key)?.Shape is { Rank: > 0 } shape && shape[0].IsKnown ? shape[0].Length : 1;
        return (int)(p.Value.Shape[0].Length / Math.Max(1, rows));
    });
}
