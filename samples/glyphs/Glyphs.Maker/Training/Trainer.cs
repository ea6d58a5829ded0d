using Glyphs.Layers;
using Glyphs.Rendering;

namespace Glyphs.Training;

/// <summary>Trains the network from scratch.</summary>
internal static class Trainer
{
    /// <summary>What is told after each epoch.</summary>
    /// <param name="Epoch">From 1.</param>
    /// <param name="Loss">Mean loss on the training images.</param>
    public sealed record Progress(int Epoch, double Loss);

    /// <summary>Returns the trained network. The number of threads does not change it.</summary>
    public static GlyphNetwork Train(GlyphSet set, TrainingOptions options, Workers workers, Action<GlyphNetwork, Progress> told)
    {
        var random = new SeededRandom(options.Seed);
        var network = new GlyphNetwork(random, workers);
        ChannelScales.Draw(network, options, random);
        var optimizer = new MomentumOptimizer([.. network.Parameters], options.Momentum, options.WeightDecay);
        var order = Enumerable.Range(0, set.Count).ToArray();
        var batch = new Activation(options.BatchSize, GlyphRenderer.TileSize, GlyphRenderer.TileSize, 3);
        var labels = new int[options.BatchSize];
        var stepsPerEpoch = set.Count / options.BatchSize;
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            Shuffle(order, random);
            double loss = 0;
            for (var step = 0; step < stepsPerEpoch; step++)
            {
                var indices = order.AsSpan(step * options.BatchSize, options.BatchSize);
                Batches.Fill(batch, set, indices);
                for (var i = 0; i < labels.Length; i++) labels[i] = set.Label(indices[i]);
                loss += CrossEntropy.Evaluate(network.Forward(batch, training: true), labels, options.LabelSmoothing);
                network.Backward();
                optimizer.Step(LearningRate(options, epoch + (float)step / stepsPerEpoch));
            }
            told(network, new Progress(epoch + 1, loss / stepsPerEpoch));
        }
        return network;
    }

    private static float LearningRate(TrainingOptions options, float epoch) => epoch < 1
        ? options.LearningRate * (0.05f + 0.95f * epoch)
        : options.LearningRate * (1 + MathF.Cos(MathF.PI * (epoch - 1) / (options.Epochs - 1))) / 2;

    /// <summary>Fisher and Yates 1938.</summary>
    private static void Shuffle(int[] order, SeededRandom random)
    {
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = random.Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }
}
