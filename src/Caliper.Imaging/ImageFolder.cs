using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Imaging;

/// <summary>
/// Images in a folder, in one of three forms: a folder for each class (its index is the place of its name in ordinal order,
/// as in torchvision's <c>ImageFolder</c>); a <c>labels.csv</c> that lists files and class indices; or images alone, without
/// labels. Samples are in ordinal order of their paths.
/// </summary>
/// <remarks>
/// Formats: PNG, JPEG, WebP, BMP, GIF (its first picture), told by the file name's extension; any other file is an error
/// before anything is decoded, except hidden ones (<c>.DS_Store</c> and all names that start with a dot),
/// <c>Thumbs.db</c>, <c>desktop.ini</c> and <c>__MACOSX</c>, which are passed over; beside a <c>labels.csv</c>, files it does
/// not list are passed over too. Decoding follows Pillow's <c>convert("RGB")</c>: grey is repeated, transparency is dropped,
/// EXIF orientation is not applied. The images of a batch are decoded in parallel, into their places.
/// </remarks>
public sealed class ImageFolder : ILoader
{
    private readonly ImageListing _listing;
    private readonly ImagePipeline _pipeline;
    private readonly BatchPlan _plan;
    private readonly ParallelOptions _parallel;
    private readonly ConcurrentDictionary<int, bool> _cutOff = new();

    private ImageFolder(ImageListing listing, ImagePipeline pipeline, ImageSize? expected, BatchPlan plan, int? threads)
    {
        (_listing, _pipeline, _plan) = (listing, pipeline, plan);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads ?? -1 };
        ImageSize = expected ?? pipeline.SizeOf(listing.Files[plan.Indices.FirstOrDefault()]);
    }

    /// <summary>Width and height of every image after preprocessing.</summary>
    public ImageSize ImageSize { get; }

    /// <summary>Names of the classes by index; empty where the data is not in class folders.</summary>
    public ImmutableArray<string> ClassNames => _listing.ClassNames;

    /// <inheritdoc/>
    public int SampleCount => _plan.SampleCount;

    /// <inheritdoc/>
    public int BatchCount => _plan.BatchCount;

    /// <inheritdoc/>
    public bool HasLabels => _listing.Files[0].Label is not null;

    /// <inheritdoc/>
    public IEnumerable<string> SampleNames => _plan.Indices.Select(i => _listing.Files[i].Name);

    IEnumerable<Diagnostic> ILoader.Diagnostics => _cutOff.Keys.Order().Select(i => new Diagnostic("cut-off-grey", _listing.Files[i].Name,
        "It has 16 bits of grey, and levels above 255 became 255, as in Pillow's convert(\"RGB\").",
        "If the network was trained on such images scaled to 8 bits, scale them first, or give it arrays."));

    /// <summary>Lists a folder; images are decoded when the loader is enumerated.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="preprocessing">How an image becomes a network's input.</param>
    /// <param name="batchSize">Images in a batch, 1 or more.</param>
    /// <param name="selection">Which images; null for all.</param>
    /// <param name="threads">How many images are decoded at a time; null for as many as there are processors.</param>
    /// <exception cref="CaliperException">The folder is missing, empty or holds something else; <c>labels.csv</c> is wrong;
    /// an option is out of range; the first image cannot be read.</exception>
    public static ImageFolder Open(
        string folder, Preprocessing preprocessing, int batchSize, SampleSelection? selection = null, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        if (threads < 1) throw new CaliperException($"The number of threads must be 1 or more, not {threads}.");
        var pipeline = new ImagePipeline(preprocessing);
        var listing = ImageListing.Of(folder);
        var plan = new BatchPlan(listing.Files.Length, batchSize, selection, $"'{folder}'");
        var loader = new ImageFolder(listing, pipeline, preprocessing.ExpectedSize, plan, threads);
        if (ImagePipeline.ElementCountOf(loader.ImageSize) > Array.MaxLength / sizeof(float) / plan.LargestBatch)
            throw new CaliperException($"{plan.LargestBatch} images of {loader.ImageSize} do not fit in one tensor; "
                + "lower the batch size.");
        return loader;
    }

    /// <inheritdoc/>
    public IEnumerator<Batch> GetEnumerator()
    {
        for (var i = 0; i < _plan.BatchCount; i++) yield return LoadBatch(_plan[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Batch LoadBatch(ImmutableArray<int> samples)
    {
        var length = (int)ImagePipeline.ElementCountOf(ImageSize);
        var elements = GC.AllocateUninitializedArray<float>(samples.Length * length);
        var errors = new CaliperException?[samples.Length];
        Parallel.For(0, samples.Length, _parallel, (i, loop) =>
        {
            try
            {
                if (_pipeline.Load(_listing.Files[samples[i]], ImageSize, elements.AsSpan(i * length, length))) _cutOff[samples[i]] = true;
            }
            catch (CaliperException e)
            {
                // Break, unlike Stop, still runs all before this one: the first bad image is reported, whoever finds which.
                errors[i] = e;
                loop.Break();
            }
        });
        if (Array.Find(errors, e => e is not null) is { } first) throw new CaliperException(first.Message, first);
        var input = Tensor.Of(Shape.Of(samples.Length, 3, ImageSize.Height, ImageSize.Width), elements);
        return new Batch(
            new Dictionary<string, Tensor> { [""] = input },
            HasLabels ? [.. samples.Select(s => _listing.Files[s].Label!.Value)] : null,
            [.. samples.Select(s => _listing.Files[s].Name)]);
    }
}
