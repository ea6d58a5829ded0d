namespace Glyphs.Layers;

/// <summary>Softmax and cross-entropy, with label smoothing (Szegedy et al. 2016).</summary>
internal static class CrossEntropy
{
    /// <summary>The mean loss of a batch; writes the logits' gradient.</summary>
    /// <param name="logits">Images × 1 × 1 × classes.</param>
    /// <param name="labels">The class of each image.</param>
    /// <param name="smoothing">The share of the target that is spread over all classes.</param>
    public static double Evaluate(Activation logits, ReadOnlySpan<int> labels, float smoothing)
    {
        double loss = 0;
        var classes = logits.Channels;
        for (var image = 0; image < logits.Images; image++)
        {
            var z = logits.Values.AsSpan(image * classes, classes);
            var gradient = logits.Gradient.AsSpan(image * classes, classes);
            double max = System.Numerics.Tensors.TensorPrimitives.Max<float>(z), sum = 0;
            foreach (var logit in z) sum += Math.Exp(logit - max);
            var logSum = max + Math.Log(sum);
            for (var c = 0; c < classes; c++)
            {
                var target = (c == labels[image] ? 1 - smoothing : 0) + smoothing / classes;
                loss += target * (logSum - z[c]);
                gradient[c] = (float)((Math.Exp(z[c] - logSum) - target) / logits.Images);
            }
        }
        return loss / logits.Images;
    }
}
