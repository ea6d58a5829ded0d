using Caliper.Graphs;

namespace Caliper;

/// <summary>Anything that can be called on a batch: the model at any stage of the flow.</summary>
public interface IModel
{
    /// <summary>What the model expects. The first axis of each is the batch, fixed or free.</summary>
    IReadOnlyList<Value> Inputs { get; }

    /// <summary>What the model returns.</summary>
    IReadOnlyList<Value> Outputs { get; }

    /// <summary>One forward pass.</summary>
    /// <param name="inputs">A tensor for each input, by name; the name may be empty where the model has one input.</param>
    /// <param name="cancellationToken">Ends the pass early.</param>
    /// <returns>A tensor for each output, by name.</returns>
    /// <exception cref="CaliperException">An input is missing, unknown, or of the wrong type or shape.</exception>
    IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default);
}
