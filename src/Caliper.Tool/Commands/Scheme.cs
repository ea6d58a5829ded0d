using System.Collections.Immutable;
using Caliper.Observers;
using Caliper.Tool.Options;

namespace Caliper.Tool.Commands;

/// <summary>Turns what the command line says about observers into a qconfig mapping.</summary>
internal static class Scheme
{
    private static readonly ImmutableArray<(string Name, ObserverKind Kind)> Observers =
    [
        ("minmax", ObserverKind.MinMax),
        ("moving-average", ObserverKind.MovingAverageMinMax),
        ("histogram", ObserverKind.Histogram),
    ];

    /// <summary>The observers that activations can have.</summary>
    public static IEnumerable<string> ObserverNames => Observers.Select(o => o.Name);

    /// <summary>The mapping: a preset or a file, its observer of activations replaced, and layers left out.</summary>
    /// <exception cref="CaliperException">There is no such preset, file or observer.</exception>
    public static QConfigMapping Of(SchemeOptions options)
    {
        var mapping = options.QConfig.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? QConfigMapping.Load(options.QConfig) : QConfig.Parse(options.QConfig);
        var kind = options.Observer is { } observer ? KindOf(observer) : (ObserverKind?)null;
        return options.Exclude.Aggregate(Rebuild(mapping, kind), (all, pattern) => all.SetNameGlob(pattern, null));
    }

    private static ObserverKind KindOf(string name)
    {
        foreach (var known in Observers)
        {
            // PyTorch's own class names are welcome too.
            if (known.Name == name || $"{known.Kind}Observer" == name) return known.Kind;
        }
        throw new CaliperException(
            $"There is no observer '{name}' of activations; choose one of {string.Join(", ", ObserverNames)}.");
    }

    /// <summary>The same mapping with another observer of activations. An exact name becomes a pattern, because of two
    /// patterns the later one counts, and what the command line excludes comes after what a file says.</summary>
    private static QConfigMapping Rebuild(QConfigMapping mapping, ObserverKind? kind)
    {
        var result = new QConfigMapping(With(mapping.Global, kind));
        foreach (var (type, qconfig) in mapping.OperatorTypes) result = result.SetOperatorType(type, With(qconfig, kind));
        foreach (var (pattern, qconfig) in mapping.NameGlobs) result = result.SetNameGlob(pattern, With(qconfig, kind));
        foreach (var (name, qconfig) in mapping.Names) result = result.SetNameGlob(name, With(qconfig, kind));
        return result;
    }

    private static QConfig? With(QConfig? qconfig, ObserverKind? kind) => qconfig is null || kind is not { } other
        ? qconfig : qconfig with { Activation = qconfig.Activation with { Kind = other } };
}
