using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Caliper.Imaging;
using Caliper.Text;

namespace Caliper.Tool.Options;

/// <summary>Which data, and how it becomes network inputs.</summary>
internal sealed record DataOptions
{
    /// <summary>A folder of images, an <c>.npy</c> or <c>.npz</c> file, an IDX file, or a file of texts.</summary>
    public required string Path { get; init; }

    /// <summary>Samples fed at a time.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>What happens to images.</summary>
    public ImageOptions Images { get; init; } = new();

    /// <summary>What happens to texts.</summary>
    public TextOptions Text { get; init; } = new();

    /// <summary>Along which axis of an input's array its samples lie; the others are found from the model.</summary>
    public ImmutableSortedDictionary<string, int> InputAxes { get; init; } = ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>Which output of one step is fed to which input of the next, by input; empty where samples are no steps.</summary>
    public ImmutableSortedDictionary<string, string> Feed { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}

/// <summary>The command line of <see cref="DataOptions"/>.</summary>
/// <param name="isRequired">Whether data must be named.</param>
/// <param name="isBatched">Whether it may be said how many samples are fed at a time.</param>
internal sealed class DataSymbols(bool isRequired = true, bool isBatched = true)
{
    private static readonly DataOptions Defaults = new() { Path = "" };

    private readonly Option<string> _data = new("--data")
    {
        HelpName = "D",
        Description = "Images in class folders or beside a labels.csv; an .npy, .npz or IDX file; or texts in a .txt, .jsonl or .csv file",
        Required = isRequired,
    };

    private readonly Option<int> _batchSize = new("--batch-size")
    {
        HelpName = "N",
        Description = "Samples fed at a time",
        DefaultValueFactory = _ => Defaults.BatchSize,
        CustomParser = Values.WholeNumber(1),
    };

    private readonly Option<string?> _preset = new("--preprocess")
    {
        HelpName = "NAME",
        Description = $"What happens to images, by name: {string.Join(", ", Preprocessing.Presets.Keys)}",
    };

    private readonly Option<Resize?> _resize = new("--resize")
    {
        HelpName = "N|WxH",
        Description = "Resizes images: the short side to N pixels, or to exactly W by H",
        CustomParser = line => Values.Size(line) switch
        {
            null => null,
            { IsSide: true } side => new Resize(side.Width, null),
            { } size => new Resize(null, size.Image),
        },
    };

    private readonly Option<ImageSize?> _crop = new("--crop")
    {
        HelpName = "N|WxH",
        Description = "Cuts N by N pixels from the centre, or W by H",
        CustomParser = line => Values.Size(line)?.Image,
    };

    private readonly Option<double?> _scale = new("--scale")
    {
        HelpName = "X",
        Description = "Multiplies every pixel, as 1/255 does: x = (pixel · scale − mean) / std",
        CustomParser = Values.Number,
    };

    private readonly Option<ImmutableArray<float>> _mean =
        List("--mean", "Subtracted, one number or one for each channel: 0.485,0.456,0.406");

    private readonly Option<ImmutableArray<float>> _std =
        List("--std", "Divided by, one number or one for each channel: 0.229,0.224,0.225");

    private readonly Option<string?> _channels = new("--channels")
    {
        HelpName = "rgb|bgr",
        Description = "Order of the channels",
        CustomParser = Values.OneOf("rgb", "bgr"),
    };

    private readonly Option<string?> _tokenizer = new("--tokenizer")
    {
        HelpName = "FILE",
        Description = "Makes tokens of texts: a tokenizer.json, a vocab.txt, a vocab.json with merges.txt beside it, or a SentencePiece .model",
    };

    private readonly Option<int?> _maxLength = new("--max-length")
    {
        HelpName = "N",
        Description = "The most tokens of a text, special tokens included; without it, the network's length, or "
            + $"{TokenInputs.DefaultMaxLength} where that is free",
        CustomParser = line => Values.WholeNumber(1)(line),
    };

    private readonly Option<string[]> _feed = new("--feed")
    {
        HelpName = "OUT=IN",
        Description = "The samples are steps: what the network returns as OUT is fed to it as IN at the next step; may be given several times",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string[]> _inputAxis = new("--input-axis")
    {
        HelpName = "IN=AXIS",
        Description = "Along which axis of the array IN its samples lie: 0 is the first, -1 the last; may be given several times. "
            + "Without it, the first, or another one where only that fits the model",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Whether the line names data.</summary>
    public bool IsGiven(CommandResult line) => line.GetResult(_data) is not null;

    public void AddTo(Command command)
    {
        Option[] options = [_data, _batchSize, _preset, _resize, _crop, _scale, _mean, _std, _channels, _tokenizer, _maxLength, _feed, _inputAxis];
        foreach (var option in options.Where(o => isBatched || o != _batchSize)) command.Add(option);
    }

    /// <summary>Refuses options that do not go together.</summary>
    public void Validate(CommandResult line)
    {
        if (line.GetResult(_maxLength) is not null && line.GetResult(_tokenizer) is null)
            line.AddError("--max-length needs --tokenizer: a length is counted in tokens.");
        ValidateFeed(line);
        ValidateAxes(line);
        if (line.GetResult(_tokenizer) is null) return;
        if (line.GetResult(_feed) is not null) line.AddError("--feed is for arrays, and --tokenizer for texts.");
        if (line.GetResult(_inputAxis) is not null) line.AddError("--input-axis is for arrays, and --tokenizer for texts.");
        Option[] ofImages = [_preset, _resize, _crop, _scale, _mean, _std, _channels];
        if (ofImages.FirstOrDefault(o => line.GetResult(o) is not null) is { Name: var name })
            line.AddError($"{name} is for images, and --tokenizer for texts.");
    }

    private void ValidateFeed(CommandResult line)
    {
        if (line.GetResult(_feed)?.Tokens is not { } given) return;
        var inputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in given.Select(t => t.Value))
        {
            if (text.Split('=') is not [{ Length: > 0 }, { Length: > 0 } input])
                line.AddError($"--feed takes OUT=IN, an output and an input, not '{text}'.");
            else if (!inputs.Add(input)) line.AddError($"--feed names the input '{input}' twice.");
        }
    }

    private void ValidateAxes(CommandResult line)
    {
        if (line.GetResult(_inputAxis)?.Tokens is not { } given) return;
        var inputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in given.Select(t => t.Value))
        {
            if (Axis(text) is not var (input, _)) line.AddError($"--input-axis takes IN=AXIS, an input and a whole number, not '{text}'.");
            else if (!inputs.Add(input)) line.AddError($"--input-axis names the input '{input}' twice.");
        }
    }

    private static (string Input, int Axis)? Axis(string text) => text.LastIndexOf('=') is > 0 and var at
        && int.TryParse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var axis) ? (text[..at], axis) : null;

    public DataOptions Read(ParseResult line) => new()
    {
        Feed = (line.GetValue(_feed) ?? []).Select(f => f.Split('=')).ToImmutableSortedDictionary(f => f[1], f => f[0], StringComparer.Ordinal),
        InputAxes = (line.GetValue(_inputAxis) ?? []).Select(a => Axis(a)!.Value)
            .ToImmutableSortedDictionary(a => a.Input, a => a.Axis, StringComparer.Ordinal),
        Path = line.GetValue(_data) ?? "",
        BatchSize = isBatched ? line.GetValue(_batchSize) : Defaults.BatchSize,
        Images = new ImageOptions
        {
            Preset = line.GetValue(_preset),
            Resize = line.GetValue(_resize),
            Crop = line.GetValue(_crop),
            Scale = line.GetValue(_scale),
            Mean = ListOf(line, _mean),
            Std = ListOf(line, _std),
            Channels = line.GetValue(_channels) is { } word ? Values.Parse<ChannelOrder>(word) : null,
        },
        Text = new TextOptions { Tokenizer = line.GetValue(_tokenizer), MaxLength = line.GetValue(_maxLength) },
    };

    private static ImmutableArray<float> ListOf(ParseResult line, Option<ImmutableArray<float>> option) =>
        line.GetValue(option) is { IsDefault: false } values ? values : [];

    private static Option<ImmutableArray<float>> List(string name, string description) => new(name)
    {
        HelpName = "X,Y,Z",
        Description = description,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = Values.NumberList,
    };
}
