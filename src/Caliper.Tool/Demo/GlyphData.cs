using System.Collections;
using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Tool.Demo;

/// <summary>
/// Images of one embedded sheet as network inputs, <c>x = (pixel / 255 − 0.5) / 0.5</c>. They are taken column by column,
/// so that every batch has all classes.
/// </summary>
internal sealed class GlyphData : ILoader
{
    /// <summary>What the images show, by class index.</summary>
    public const string Classes = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>Mean and standard deviation of the preprocessing.</summary>
    public const float MeanAndStd = 0.5f;

    private static readonly PixelNormalization Normalization = new(1.0 / 255, [MeanAndStd], [MeanAndStd], GlyphSheet.Channels);
    private readonly GlyphSheet _sheet;
    private readonly int _batchSize;

    public GlyphData(GlyphSheet sheet, int batchSize = 32) => (_sheet, _batchSize) = (sheet, batchSize);

    public int SampleCount => _sheet.Columns * Classes.Length;

    public int BatchCount => (SampleCount + _batchSize - 1) / _batchSize;

    public bool HasLabels => true;

    public IEnumerable<string> SampleNames => Enumerable.Range(0, SampleCount).Select(NameOf);

    public IEnumerator<Batch> GetEnumerator()
    {
        for (var start = 0; start < SampleCount; start += _batchSize)
            yield return Load(Enumerable.Range(start, Math.Min(_batchSize, SampleCount - start)).ToArray());
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string NameOf(int sample) => $"{Classes[sample % Classes.Length]}/{sample / Classes.Length}";

    private Batch Load(int[] samples)
    {
        const int plane = GlyphSheet.Side * GlyphSheet.Side;
        const int length = GlyphSheet.Channels * plane;
        var elements = new float[samples.Length * length];
        for (var i = 0; i < samples.Length; i++)
        {
            var tile = _sheet.Tile(samples[i] % Classes.Length, samples[i] / Classes.Length);
            for (var channel = 0; channel < GlyphSheet.Channels; channel++)
            {
                var table = Normalization[channel];
                var target = elements.AsSpan(i * length + channel * plane, plane);
                for (var p = 0; p < plane; p++) target[p] = table[tile[p * GlyphSheet.Channels + channel]];
            }
        }
        return new Batch(
            new Dictionary<string, Tensor>
            {
                [""] = Tensor.Of(Shape.Of(samples.Length, GlyphSheet.Channels, GlyphSheet.Side, GlyphSheet.Side), elements),
            },
            [.. samples.Select(s => s % Classes.Length)],
            [.. samples.Select(NameOf)]);
    }
}
