using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Tool.Inputs;

/// <summary>Takes what one run needs out of a batch.</summary>
internal static class Samples
{
    /// <summary>One sample, or as many as a model of a fixed batch size takes.</summary>
    public static Dictionary<string, Tensor> First(Model model, Batch batch)
    {
        var count = Math.Max(1, Batches.PieceSize(model.Graph.Inputs, batch.Inputs, batch.Count));
        return batch.Inputs.ToDictionary(i => i.Key, i => Batches.Samples(i.Value, batch.Count, 0, count), StringComparer.Ordinal);
    }
}
