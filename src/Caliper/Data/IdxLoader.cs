using System.Collections;
using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Data;

/// <summary>
/// Images in an IDX file, as MNIST is distributed (unpacked): three axes, samples × height × width, become N×1×H×W; four,
/// samples × channels × height × width, N×C×H×W. The labels lie beside it under the same name with <c>labels</c> and
/// <c>idx1</c> instead of <c>images</c> and <c>idx3</c>; without such a file there are none.
/// </summary>
public sealed class IdxLoader : ILoader
{
    private readonly IdxFile _images;
    private readonly ImmutableArray<int>? _labels;
    private readonly PixelNormalization _normalization;
    private readonly BatchPlan _plan;

    private IdxLoader(IdxFile images, ImmutableArray<int>? labels, PixelNormalization normalization, BatchPlan plan) =>
        (_images, _labels, _normalization, _plan) = (images, labels, normalization, plan);

    /// <inheritdoc/>
    public int SampleCount => _plan.SampleCount;

    /// <inheritdoc/>
    public int BatchCount => _plan.BatchCount;

    /// <inheritdoc/>
    public bool HasLabels => _labels is not null;

    /// <inheritdoc/>
    public IEnumerable<string> SampleNames => _plan.Indices.Select(NameOf);

    /// <summary>Whether a file that starts so is an IDX file; eight bytes are enough.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> start) => IdxFile.IsStartOf(start);

    /// <summary>Reads the headers and the labels; the images are read when the loader is enumerated.</summary>
    /// <param name="path">The file of images, unsigned bytes.</param>
    /// <param name="batchSize">Samples in a batch, 1 or more.</param>
    /// <param name="scale">What a pixel is multiplied by.</param>
    /// <param name="mean">What is then subtracted, one value or one for each channel; 0 where it is not given.</param>
    /// <param name="std">What the difference is then divided by, one value or one for each channel; 1 where it is not given.</param>
    /// <param name="selection">Which samples; null for all.</param>
    /// <exception cref="CaliperException">A file is missing, damaged or of another kind, the labels are not as many as the
    /// images, or an option is out of range.</exception>
    public static IdxLoader Open(
        string path,
        int batchSize,
        double scale = 1.0 / 255,
        ImmutableArray<float> mean = default,
        ImmutableArray<float> std = default,
        SampleSelection? selection = null)
    {
        var images = IdxFile.Open(path);
        if (images.Lengths.Length is not (3 or 4))
            throw new CaliperException($"'{path}' has {images.Lengths.Length} axes; images have three, or four with channels.");
        var labels = LabelsBeside(path) is { } beside ? IdxFile.Open(beside).ReadLabels() : (ImmutableArray<int>?)null;
        if (labels is { } some && some.Length != images.Lengths[0])
            throw new CaliperException(
                $"'{path}' has {images.Lengths[0]} images and '{LabelsBeside(path)}' has {some.Length} labels.");
        var plan = new BatchPlan(images.Lengths[0], batchSize, selection, $"'{path}'", forwardOnly: true);
        if (images.BytesPerSample > Array.MaxLength / sizeof(float) / plan.LargestBatch)
            throw new CaliperException($"'{path}': {plan.LargestBatch} images do not fit in one tensor; lower the batch size.");
        var channels = images.Lengths.Length == 3 ? 1 : images.Lengths[1];
        var normalization = new PixelNormalization(scale, mean.IsDefault ? [0f] : mean, std.IsDefault ? [1f] : std, channels);
        return new(images, labels, normalization, plan);
    }

    /// <inheritdoc/>
    public IEnumerator<Batch> GetEnumerator()
    {
        var file = FileReading.Guard(_images.Path, () => File.OpenRead(_images.Path));
        file.Position = _images.HeaderBytes;
        using var reader = new SampleReader(file, _images.BytesPerSample);
        for (var i = 0; i < _plan.BatchCount; i++)
        {
            var batch = i;
            yield return FileReading.Guard(_images.Path, () => ReadBatch(batch, reader));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private string NameOf(int sample) => $"{Path.GetFileName(_images.Path)}[{sample}]";

    private Batch ReadBatch(int index, SampleReader reader)
    {
        var samples = _plan[index];
        var pixels = reader.Read(samples.AsSpan());
        var elements = GC.AllocateUninitializedArray<float>(pixels.Length);
        long[] lengths = [samples.Length, 1, .. _images.Lengths.Skip(1)];
        if (lengths.Length == 5) lengths = [samples.Length, .. _images.Lengths.Skip(1)];
        var (channels, plane) = ((int)lengths[1], (int)(lengths[2] * lengths[3]));
        for (var at = 0; at < pixels.Length; at += plane)
        {
            var table = _normalization[at / plane % channels];
            for (var i = at; i < at + plane; i++) elements[i] = table[pixels[i]];
        }
        return new Batch(
            new Dictionary<string, Tensor> { [""] = Tensor.Of(Shape.Of(lengths), elements) },
            _labels is { } labels ? [.. samples.Select(s => labels[s])] : null,
            [.. samples.Select(NameOf)]);
    }

    /// <summary>The file with the labels of the images in another; null where there is none.</summary>
    internal static string? LabelsBeside(string path)
    {
        var name = Path.GetFileName(path);
        var labels = name.Replace("images", "labels", StringComparison.Ordinal)
            .Replace("idx3", "idx1", StringComparison.Ordinal).Replace("idx4", "idx1", StringComparison.Ordinal);
        var beside = Path.Combine(Path.GetDirectoryName(path) ?? "", labels);
        return labels != name && File.Exists(beside) ? beside : null;
    }
}
