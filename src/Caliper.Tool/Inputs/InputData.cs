using Caliper.Data;
using Caliper.DataFree;
using Caliper.Execution;
using Caliper.Imaging;
using Caliper.Text;
using Caliper.Tool.Options;

namespace Caliper.Tool.Inputs;

/// <summary>Opens the data that the command line names.</summary>
internal static class InputData
{
    private const int MostCounted = 512;

    // Of all outputs of a batch, which are kept until it is judged.
    private const double MostOutputBytes = 1L << 28;

    // Two for each thread, so that none waits long for the slowest.
    private static readonly int SamplesAtOnce = 2 * Environment.ProcessorCount;

    /// <summary>Opens data for a model.</summary>
    /// <param name="options">Batch size and preprocessing.</param>
    /// <param name="path">The data.</param>
    /// <param name="model">What will be fed; where its input is images of one size, others are refused by name.</param>
    /// <param name="batches">At most this many batches, their samples evenly spaced; null for all.</param>
    /// <exception cref="CaliperException">The data cannot be used; the message says why.</exception>
    public static ILoader Open(DataOptions options, string path, IModel model, int? batches = null)
        => Open(options, path, model, new SampleSelection { Limit = LimitOf(options, batches) });

    /// <summary>Opens chosen samples of data for a model.</summary>
    /// <exception cref="CaliperException">The data cannot be used; the message says why.</exception>
    public static ILoader Open(DataOptions options, string path, IModel model, SampleSelection selection)
    {
        var axes = new SampleAxes { Said = options.InputAxes, Inputs = [.. model.Inputs], AreStreams = !options.Feed.IsEmpty };
        options = options with { BatchSize = (int)Math.Clamp(MostOutputBytes / Math.Max(1, OutputBytesOf(model)), 1, options.BatchSize) };
        return axes.AreStreams ? OpenStreams(options, path, model, selection, axes) : Open(options, path, model, selection, axes);
    }

    private static ILoader Open(DataOptions options, string path, IModel model, SampleSelection selection, SampleAxes axes)
    {
        var size = DataSource.HoldsWholeInputs(path, axes) ? 1 : WholeBatches.SizeOf(model);
        if (size > 1) options = options with { BatchSize = Math.Max(size, options.BatchSize / size * size) };
        if (options.Text.Tokenizer is { } tokenizer) return OpenTexts(options, path, TextTokenizer.Load(tokenizer), model, selection);
        if (File.Exists(path) && TextLoader.Recognizes(path))
            throw new CaliperException($"'{path}' holds texts: name the network's tokenizer with --tokenizer.");
        var preprocessing = PreprocessingOf(options.Images);
        if (Directory.Exists(path)) preprocessing = (preprocessing ?? new()) with { ExpectedSize = ImageSizeOf(model) };
        return WholeBatches.Of(DataSource.Open(path, preprocessing, options.BatchSize, selection, axes: axes), size, options.BatchSize);
    }

    /// <summary>Steps are run in their order and none is left out, so that a limit takes the first.</summary>
    private static StreamLoader OpenStreams(DataOptions options, string path, IModel model, SampleSelection selection, SampleAxes axes)
    {
        if (selection.ShardCount > 1) throw new CaliperException("--feed and --shard do not go together: each step needs those before it.");
        var steps = Open(options with { BatchSize = 1 }, path, model, SampleSelection.All, axes);
        // A prepared network would watch the steps that only make states.
        var source = model is PreparedModel prepared ? prepared.Fused : model;
        return new StreamLoader(steps, source, new StateFeed(options.Feed), options.BatchSize, selection.Limit, selection.Skip);
    }

    /// <summary>The same samples in batches as small as the threads can use, for work that looks at one sample at a time: its result does
    /// not depend on how the data is cut, and small pieces need little memory.</summary>
    public static DataOptions InSmallBatches(DataOptions options, IModel model)
    {
        var isFree = model.Inputs.All(i => i.Shape is not { Rank: > 0 } shape || !shape[0].IsKnown || shape[0].Length == 1);
        return isFree ? options with { BatchSize = Math.Min(options.BatchSize, SamplesAtOnce) } : options;
    }

    /// <summary>Samples evenly spaced over some data, no more than there is something to be learned from where only counts matter.</summary>
    public static ILoader Some(DataOptions options, IModel model, int? batches) => Open(InSmallBatches(options, model), options.Path, model,
        new SampleSelection { Limit = Math.Min(MostCounted, LimitOf(options, batches) ?? MostCounted) });

    /// <summary>How many samples so many batches hold; null for all.</summary>
    public static int? LimitOf(DataOptions options, int? batches) =>
        batches is { } count ? (int)Math.Min(int.MaxValue, (long)count * options.BatchSize) : null;

    /// <summary>The preset with its parts replaced, or null where nothing was asked for.</summary>
    /// <exception cref="CaliperException">There is no such preset.</exception>
    public static Preprocessing? PreprocessingOf(ImageOptions options)
    {
        if (options == new ImageOptions()) return null;
        var start = options.Preset is { } preset ? Preprocessing.Preset(preset) : new Preprocessing();
        if (options.Resize is { } resize) start = start with { ShortSide = resize.ShortSide, ResizeTo = resize.Exact };
        return start with
        {
            Crop = options.Crop ?? start.Crop,
            Scale = options.Scale ?? start.Scale,
            Mean = options.Mean.IsEmpty ? start.Mean : options.Mean,
            Std = options.Std.IsEmpty ? start.Std : options.Std,
            Channels = options.Channels ?? start.Channels,
        };
    }

    /// <summary>Pairs of the data's samples that somebody scored; none where the data has none.</summary>
    public static IEnumerable<ScoredPair> PairsOf(ILoader data) => data is TextLoader texts ? texts.Pairs : [];

    private static TextLoader OpenTexts(DataOptions options, string path, TextTokenizer tokenizer, IModel model, SampleSelection selection)
    {
        if (!TextLoader.Recognizes(path))
            throw new CaliperException($"'{path}' holds no texts, which --tokenizer makes tokens of: they are in a .txt, .jsonl or .csv file.");
        return TextLoader.Open(path, tokenizer, model.Inputs, options.BatchSize, options.Text.MaxLength, selection);
    }

    /// <summary>What inputs can be: what preprocessing makes of all pixel levels; normalized where nothing was asked for.</summary>
    /// <exception cref="CaliperException">The options do not go together.</exception>
    public static InputValues ValuesOf(ImageOptions options)
    {
        if (PreprocessingOf(options) is not { } preprocessing) return InputValues.Normalized;
        var channels = Math.Max(preprocessing.Mean.Length, preprocessing.Std.Length);
        var levels = new PixelNormalization(preprocessing.Scale, preprocessing.Mean, preprocessing.Std, channels);
        var ends = Enumerable.Range(0, channels).Select(c => (A: levels[c][0], B: levels[c][255])).ToArray();
        return InputValues.Between([.. ends.Select(e => MathF.Min(e.A, e.B))], [.. ends.Select(e => MathF.Max(e.A, e.B))]);
    }

    /// <summary>What a model returns for a sample, as far as it is known.</summary>
    private static double OutputBytesOf(IModel model) =>
        model.Outputs.Sum(o => o.Shape is { Rank: > 0 } shape ? TensorBytes.Of(shape.Dimensions.Skip(1)) : 0);

    private static ImageSize? ImageSizeOf(IModel model) =>
        model.Inputs is [{ Shape: { Rank: 4 } shape }]
            && shape[2] is { IsKnown: true } height && shape[3] is { IsKnown: true } width
            && height.Length is > 0 and <= int.MaxValue && width.Length is > 0 and <= int.MaxValue
            ? new ImageSize((int)width.Length, (int)height.Length) : null;
}
