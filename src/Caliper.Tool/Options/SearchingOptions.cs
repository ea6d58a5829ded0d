using System.CommandLine;
using System.CommandLine.Parsing;
using Caliper.Search;

namespace Caliper.Tool.Options;

/// <summary>Where more than 8 bits go.</summary>
internal sealed record SearchingOptions
{
    /// <summary>8 bits everywhere, each weight to the nearest integer.</summary>
    public bool Fast { get; init; }

    /// <summary>Who will run the int8 model.</summary>
    public Int8Runtime Runtime { get; init; } = new SearchOptions().Runtime;

    /// <summary>A recipe to apply; null for none.</summary>
    public string? Recipe { get; init; }

    /// <summary>Where the recipe that was found goes; null for nowhere.</summary>
    public string? SaveRecipe { get; init; }

    /// <summary>What int8 is to keep; null for the search's own aims.</summary>
    public QualityTarget? Target { get; init; }

    /// <summary>A program that tells how good outputs are; null for none.</summary>
    public string? Metric { get; init; }

    /// <summary>What quality is measured by.</summary>
    public QualityKind Quality => Target?.Kind ?? (Metric is null ? QualityKind.Sqnr : QualityKind.Metric);

    /// <summary>How long what the search finds is run, to choose the fastest; null for as long as it takes to reach the target.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Whether what the search finds is run: noise alone does not tell how many answers change, nor how fast a network is.</summary>
    public bool IsTuning => Budget is not null || Target is { Kind: not QualityKind.Sqnr };

    /// <summary>Whether any of it was asked for.</summary>
    public bool IsAsked => Target is not null || Budget is not null || Recipe is not null || SaveRecipe is not null;
}

/// <summary>The command line of <see cref="SearchingOptions"/>.</summary>
/// <param name="tunes">Whether what the search finds is run, for some time.</param>
internal sealed class SearchingSymbols(bool tunes)
{
    private const double DefaultBudget = 60;

    private readonly Option<bool> _fast = new("--fast")
    {
        Description = "Leaves all in 8 bits and rounds each weight to the nearest integer, instead of searching for what is better",
    };

    private readonly Option<string> _runtime = new("--for")
    {
        HelpName = "caliper|onnxruntime",
        Description = "Who will run the int8 model: what needs more than 8 bits has 16 in Caliper's engine and is float in ONNX Runtime, "
            + "which then runs the model here, too",
        DefaultValueFactory = _ => Values.WordFor(new SearchOptions().Runtime),
        CustomParser = Values.OneOf(EngineSymbols.Caliper, EngineSymbols.OnnxRuntime),
    };

    private readonly Option<string?> _recipe = new("--recipe")
    {
        HelpName = "R.json",
        Description = "Which tensors have more than 8 bits, as --save-recipe wrote it or a person did; nothing is searched",
    };

    private readonly Option<string?> _saveRecipe = new("--save-recipe")
    {
        HelpName = "R.json",
        Description = "Where the recipe goes that the search found: which tensors have more than 8 bits, and why",
    };

    private readonly Option<QualityTarget?> _target = new("--target")
    {
        HelpName = "QUALITY",
        Description = "Searches for the tensors that need more than 8 bits, until int8 keeps this quality: " + QualityTarget.Words,
        CustomParser = Values.Quality,
    };

    private readonly Option<string?> _metric = new("--metric")
    {
        HelpName = "PROGRAM",
        Description = "A program that is given a folder of both networks' outputs and prints how good int8's are, for --target 'metric N'",
    };

    private readonly Option<double?> _budget = new("--budget")
    {
        HelpName = "SECONDS",
        Description = $"How long what the search finds is run to choose the fastest that reaches the target [default: {DefaultBudget}]",
        CustomParser = Values.Seconds,
    };

    public void AddTo(Command command)
    {
        Option[] options = tunes ? [_runtime, _target, _metric, _budget, _saveRecipe]
            : [_fast, _runtime, _target, _metric, _recipe, _saveRecipe];
        foreach (var option in options) command.Add(option);
    }

    public void Validate(CommandResult line)
    {
        var searches = line.GetResult(_target) is not null || line.GetResult(_saveRecipe) is not null;
        if (line.GetValue(_fast) && (searches || line.GetResult(_recipe) is not null))
            line.AddError("--fast searches nothing, so that --target, --recipe and --save-recipe have no use.");
        ValidateMetric(line);
        if (line.GetResult(_recipe) is not null && searches)
            line.AddError("--recipe is the result of a search; --target and --save-recipe begin one.");
    }

    private void ValidateMetric(CommandResult line)
    {
        var (target, program) = (line.GetResult(_target), line.GetResult(_metric));
        // A target that makes no sense is told when it is read.
        var read = target is { Tokens: [var words] } ? QualityTarget.Parse(words.Value) : null;
        if (target is not null && read is null) return;
        var isOwn = read?.Kind is QualityKind.Metric;
        if (isOwn && program is null) line.AddError("--target 'metric N' needs --metric, the program that measures.");
        if (program is not null && !isOwn && (target is not null || !tunes))
            line.AddError("--metric is what --target 'metric N' is measured by.");
        else if (program is { Tokens: [var name] } && ProgramName.Problem(name.Value) is { } problem) line.AddError(problem);
    }

    /// <summary>Statistics alone do not tell what an output loses.</summary>
    public void ValidateWithoutData(CommandResult line)
    {
        if (line.GetResult(_target) is not null || line.GetResult(_saveRecipe) is not null)
            line.AddError("--target and --save-recipe need --data: noise is measured by running the network.");
    }

    public SearchingOptions Read(ParseResult line) => new()
    {
        Fast = line.GetValue(_fast),
        Runtime = Values.Parse<Int8Runtime>(line.GetRequiredValue(_runtime)),
        Recipe = line.GetValue(_recipe),
        SaveRecipe = line.GetValue(_saveRecipe),
        Target = line.GetValue(_target),
        Metric = line.GetValue(_metric),
        Budget = tunes ? TimeSpan.FromSeconds(line.GetValue(_budget) ?? DefaultBudget) : null,
    };
}
