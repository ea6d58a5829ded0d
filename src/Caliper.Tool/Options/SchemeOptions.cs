using System.Collections.Immutable;
using System.CommandLine;

namespace Caliper.Tool.Options;

/// <summary>Which observers, where.</summary>
internal sealed record SchemeOptions
{
    /// <summary>Name of a preset, or a JSON file.</summary>
    public string QConfig { get; init; } = "caliper";

    /// <summary>Takes the place of the qconfig's observer of activations.</summary>
    public string? Observer { get; init; }

    /// <summary>Assemblies of the user's that hold observers and range methods.</summary>
    public ImmutableArray<string> Plugins { get; init; } = [];

    /// <summary>Patterns over names of layers that stay float.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];
}

/// <summary>The command line of <see cref="SchemeOptions"/>.</summary>
internal sealed class SchemeSymbols
{
    private static readonly SchemeOptions Defaults = new();

    private readonly Option<string> _qconfig = new("--qconfig")
    {
        HelpName = "NAME|FILE.json",
        Description = $"Which observers: {string.Join(", ", QConfig.Presets.Select(p => p.Name))} "
            + "(all but caliper as PyTorch defines them), or a JSON file",
        DefaultValueFactory = _ => Defaults.QConfig,
    };

    private readonly Option<string?> _observer = new("--observer")
    {
        HelpName = "NAME",
        Description = "Observes activations instead of the qconfig's observer: "
            + $"{string.Join(", ", Caliper.Tool.Options.Scheme.ObserverNames)}",
    };

    private readonly Option<string[]> _plugins = new("--plugin")
    {
        HelpName = "FILE.dll",
        Description = "Runs an assembly of yours, whose observers and range methods can then be named; may be given several times",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [.. Defaults.Plugins],
    };

    private readonly Option<string[]> _exclude = new("--exclude")
    {
        HelpName = "GLOB",
        Description = "Keeps layers float by name, with * and ?; may be given several times",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [.. Defaults.Exclude],
    };

    public void AddTo(Command command)
    {
        Option[] options = [_qconfig, _observer, _plugins, _exclude];
        foreach (var option in options) command.Add(option);
    }

    public SchemeOptions Read(ParseResult line) => new()
    {
        QConfig = line.GetRequiredValue(_qconfig),
        Observer = line.GetValue(_observer),
        Plugins = [.. line.GetValue(_plugins) ?? []],
        Exclude = [.. line.GetValue(_exclude) ?? []],
    };
}
