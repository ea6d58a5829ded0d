using Glyphs.Layers;
using Glyphs.Rendering;
using Glyphs.Training;

namespace Glyphs.Simulation;

/// <summary>Folds batch norms into the convolutions before them.</summary>
internal static class BatchNormFolding
{
    /// <summary>A network that computes the same, whose batch norms only add a bias.</summary>
    public static GlyphNetwork Fold(GlyphNetwork network)
    {
        var folded = new GlyphNetwork(new SeededRandom(0), network.Workers);
        foreach (var (from, to) in network.ConvolutionBlocks.Zip(folded.ConvolutionBlocks)) Fold(from, to);
        network.Classifier.Matrix.Weight.Values.CopyTo(folded.Classifier.Matrix.Weight.Values.AsSpan());
        network.Classifier.Bias.Values.CopyTo(folded.Classifier.Bias.Values.AsSpan());
        return folded;
    }

    private static void Fold(ConvolutionBlock from, ConvolutionBlock to)
    {
        var (norm, channels) = (from.Normalization, from.Convolution.OutputChannels);
        var slopes = new float[channels];
        for (var c = 0; c < channels; c++)
        {
            slopes[c] = norm.Scale[c] * norm.Gamma.Values[c] / MathF.Sqrt(norm.RunningVariance[c] + BatchNormalization.Epsilon);
            to.Normalization.Beta.Values[c] = norm.Scale[c] * norm.Beta.Values[c] - norm.RunningMean[c] * slopes[c];
            to.Normalization.RunningVariance[c] = 1 - BatchNormalization.Epsilon;
        }
        for (var i = 0; i < from.Convolution.Weight.Values.Length; i++)
            to.Convolution.Weight.Values[i] = from.Convolution.Weight.Values[i] * slopes[i % channels];
    }
}
