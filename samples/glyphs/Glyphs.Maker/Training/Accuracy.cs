using System.Numerics.Tensors;
using Glyphs.Layers;
using Glyphs.Rendering;

namespace Glyphs.Training;

/// <summary>Acc@1 of a network on a set.</summary>
internal static class Accuracy
{
    private const int BatchSize = 60;

    /// <summary>The share of images, in percent, whose greatest logit is that of their class.</summary>
    public static double Of(GlyphNetwork network, GlyphSet set)
    {
        var correct = 0;
        ForEachBatch(network, set, (logits, first) =>
        {
            for (var i = 0; i < logits.Images; i++)
            {
                var ofImage = logits.Values.AsSpan(i * logits.Channels, logits.Channels);
                if (TensorPrimitives.IndexOfMax<float>(ofImage) == set.Label(first + i)) correct++;
            }
        });
        return 100.0 * correct / set.Count;
    }

    /// <summary>Runs the network on a whole set.</summary>
    public static void ForEachBatch(GlyphNetwork network, GlyphSet set, Action<Activation, int> visit)
    {
        var indices = Enumerable.Range(0, set.Count).ToArray();
        Activation? batch = null;
        for (var first = 0; first < set.Count; first += BatchSize)
        {
            var size = Math.Min(BatchSize, set.Count - first);
            batch = Activation.Reuse(batch, size, GlyphRenderer.TileSize, GlyphRenderer.TileSize, 3);
            Batches.Fill(batch, set, indices.AsSpan(first, size));
            visit(network.Forward(batch, training: false), first);
        }
    }
}
