using Caliper.Fusion;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>
/// What comes after the last product: the layers from which no convolution or matrix product is reached. There is little to save there and
/// all to lose: a Sigmoid or a Concat at the end, squeezed into 256 values, is the error that the user sees.
/// </summary>
internal static class NetworkTail
{
    /// <summary>The layers of the tail, in execution order.</summary>
    /// <param name="model">The fused model.</param>
    /// <param name="readers">The layers that read each value.</param>
    public static IReadOnlyList<Layer> Of(FusedModel model, ILookup<string, Layer> readers)
    {
        var tail = new HashSet<Layer>();
        foreach (var layer in model.Layers.Reverse())
        {
            if (layer.Role == OperatorRole.Linear) continue;
            if (layer.Outputs.SelectMany(o => readers[o]).All(tail.Contains)) tail.Add(layer);
        }
        return [.. model.Layers.Where(tail.Contains)];
    }
}
