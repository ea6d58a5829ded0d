using Glyphs.Layers;
using Glyphs.Rendering;

namespace Glyphs.Training;

/// <summary>From tiles to what the network reads: <c>x = (pixel / 255 − 0.5) / 0.5</c>.</summary>
internal static class Batches
{
    /// <summary>Fills a batch with the images at the given places of a set.</summary>
    public static void Fill(Activation batch, GlyphSet set, ReadOnlySpan<int> indices)
    {
        for (var i = 0; i < indices.Length; i++)
        {
            var tile = set.Tile(indices[i]);
            var into = batch.Values.AsSpan(i * batch.ImageSize, batch.ImageSize);
            for (var p = 0; p < tile.Length; p++) into[p] = (tile[p] / 255f - 0.5f) / 0.5f;
        }
    }
}
