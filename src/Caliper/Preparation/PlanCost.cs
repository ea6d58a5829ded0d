using System.Collections.Immutable;

namespace Caliper.Preparation;

/// <summary>What a plan costs and saves, told before any data is seen.</summary>
public sealed record PlanCost
{
    private PlanCost(ImmutableArray<LayerCost> layers, Crossings crossings, long floatBytes, long int8Bytes) =>
        (Layers, CrossingsToInt8, CrossingsToFloat, FloatBytes, Int8Bytes) = (layers, crossings.ToInt8, crossings.ToFloat, floatBytes, int8Bytes);

    /// <summary>The cost of each layer, in execution order.</summary>
    public ImmutableArray<LayerCost> Layers { get; }

    /// <summary>Float values that an int8 layer of the converted network reads: each takes a QuantizeLinear.</summary>
    public int CrossingsToInt8 { get; }

    /// <summary>Int8 values that a float layer reads or the network returns: each takes a DequantizeLinear.</summary>
    public int CrossingsToFloat { get; }

    /// <summary>Bytes of all weights in float32; what several layers share counts once.</summary>
    public long FloatBytes { get; }

    /// <summary>
    /// Bytes of all weights once converted; what several layers share counts once. A file is a little larger: it also holds the
    /// network itself and the activations' scales, and in the QDQ form a scale and zero point for every element of a bias.
    /// </summary>
    public long Int8Bytes { get; }

    /// <summary>Multiply-adds of one sample; null where those of a layer are not known.</summary>
    public long? MultiplyAdds => Sum(Layers);

    /// <summary>Multiply-adds of one sample that become int8; null where those of any layer are not known.</summary>
    public long? Int8MultiplyAdds => MultiplyAdds is null ? null : Sum(Layers.Where(l => l.Plan.IsInteger));

    /// <summary>Works out the cost of a prepared model's plan.</summary>
    /// <param name="prepared">The prepared model; it need not be calibrated.</param>
    public static PlanCost Of(PreparedModel prepared)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        var (graph, plan) = (prepared.Fused.Model.Graph, prepared.Plan);
        var oneSample = ProductCount.OfOneSample(graph);
        var before = new HashSet<StoredConstant>();
        var after = new HashSet<StoredConstant>();
        var layers = ImmutableArray.CreateBuilder<LayerCost>(plan.Layers.Length);
        foreach (var layer in plan.Layers)
        {
            StoredConstant[] floats = [.. StoredConstant.InFloat(graph, layer.Layer)];
            StoredConstant[] converted = [.. StoredConstant.Converted(prepared, layer)];
            before.UnionWith(floats);
            after.UnionWith(converted);
            layers.Add(new LayerCost(layer, ProductCount.Of(oneSample, layer.Layer.Operation),
                floats.Sum(c => c.Bytes), converted.Sum(c => c.Bytes))
            {
                ChannelBits = plan.Weights.FirstOrDefault(w => w.Layer == layer.Layer) is { } weight ? ChannelBits.Of(weight, graph) : [],
            });
        }
        return new PlanCost(layers.MoveToImmutable(), Crossings.Of(graph, plan), before.Sum(c => c.Bytes), after.Sum(c => c.Bytes));
    }

    private static long? Sum(IEnumerable<LayerCost> layers)
    {
        var sum = Int128.Zero;
        foreach (var layer in layers)
        {
            if (layer.MultiplyAdds is not { } count) return null;
            sum += count;
        }
        return sum <= long.MaxValue ? (long)sum : null;
    }
}
