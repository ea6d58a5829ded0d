using Glyphs.Layers;
using Glyphs.Rendering;
using Glyphs.Simulation;
using Glyphs.Training;

namespace Caliper.Samples.Tests.Glyphs;

public sealed class TrainingTests
{
    private static readonly TrainingOptions Short = new() { Epochs = 2, BatchSize = 36, Seed = 3 };

    /// <summary>Two noisy images of each class.</summary>
    private static readonly GlyphSet Noise = GlyphSet.Of(Noisy(), 2);

    /// <summary>Four images of each class, in a colour that the class decides.</summary>
    private static readonly GlyphSet Shades = GlyphSet.Of(Shaded(), 4);

    private static byte[] Shaded()
    {
        var tiles = new byte[144 * GlyphRenderer.TileBytes];
        for (var i = 0; i < tiles.Length; i++)
        {
            var label = i / GlyphRenderer.TileBytes / 4;
            tiles[i] = (byte)((i % 3 == 0 ? label % 6 : label / 6) * 50);
        }
        return tiles;
    }

    private static byte[] Noisy()
    {
        var random = new SeededRandom(1);
        var tiles = new byte[72 * GlyphRenderer.TileBytes];
        foreach (ref var value in tiles.AsSpan()) value = (byte)random.NextBits();
        return tiles;
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit_of_what_is_learned()
    {
        var alone = Trainer.Train(Noise, Short, new Workers(1), (_, _) => { });
        var together = Trainer.Train(Noise, Short, new Workers(3), (_, _) => { });
        foreach (var (one, other) in alone.Parameters.Zip(together.Parameters)) Assert.Equal(one.Values, other.Values);
    }

    [Fact]
    public void Training_lowers_the_loss()
    {
        var losses = new List<double>();
        var options = Short with { Epochs = 5, LearningRate = 0.05f };
        Trainer.Train(Shades, options, new Workers(1), (_, progress) => losses.Add(progress.Loss));
        Assert.True(losses[^1] < losses[0] - 0.5, string.Join(", ", losses));
    }

    [Fact]
    public void Folding_batch_norms_does_not_change_the_logits()
    {
        var network = Trainer.Train(Noise, Short, new Workers(1), (_, _) => { });
        var folded = BatchNormFolding.Fold(network);
        var images = GradientCheck.Random(3, 32, 3);
        var expected = network.Forward(images, training: false).Values;
        var actual = folded.Forward(images, training: false).Values;
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-3);
    }
}
