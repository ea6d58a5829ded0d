using Caliper.Graphs;

namespace Caliper.Conformance.Engine;

/// <summary>Channels that are read again, here and there, behind the others, as splitting them gives: many columns of the same rows.</summary>
public class GatheredChannelsTests
{
    [Theory]
    [InlineData(1, 9, 64, 12)]
    [InlineData(3, 17, 96, 40)]
    [InlineData(2, 5, 1536, 96)]
    [InlineData(1, 1, 40, 24)]
    public void Of_words_and_images_and_of_bytes_and_floats(int batch, int words, int channels, int again)
    {
        Check(channels, again, 2, places => b => b.Keep("Gather", [b.Input(batch, words, channels)], n => n.With("axis", -1), places(b)));
        Check(channels, again, 2, places => b =>
            b.Quantized(b.Float("Gather", [b.Real(b.Input(batch, words, channels)), places(b)], n => n.With("axis", -1)), 2));
        Check(channels, again, 1, places => b =>
        {
            var image = b.Conv(b.Input(batch, 3, words, 4), 3, channels, 1);
            return b.Conv(b.Keep("Gather", [image], n => n.With("axis", 1), places(b)), channels + again, 5, 1);
        });
    }

    private static void Check(int channels, int again, int seed, Func<Func<QdqBuilder, string>, Func<QdqBuilder, string>> build)
    {
        var b = new QdqBuilder(seed) { Opset = 16 };
        long[] places = [.. Enumerable.Range(0, channels).Select(i => (long)i),
            .. Enumerable.Range(0, again).Select(_ => (long)b.Random.Next(channels)).Order()];
        var model = b.Build(asFloats: false, build(of => of.Constant(Tensor.Of(Shape.Of(places.Length), places)))(b));
        Comparison.AssertSameLevels(model);
        Comparison.AssertSameEverywhere(model);
    }
}
