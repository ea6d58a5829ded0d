using System.Collections.Immutable;
using Caliper.Observers;
using Caliper.Ranges;

namespace Caliper.Tool.Options;

/// <summary>Turns what the command line says about observers into a qconfig mapping.</summary>
internal static class Scheme
{
    /// <summary>The range method that is used where none is named.</summary>
    public static string DefaultMethod { get; } = QConfig.Default.Activation.UsedMethod!.ToString();

    /// <summary>The range methods that statistics answer to.</summary>
    public static IEnumerable<string> MethodNames => RangeMethod.Known.Select(m => m.Name);

    /// <summary>The observers that activations can have.</summary>
    public static IEnumerable<string> ObserverNames => ObserverSpec.Known.Select(o => o.CommandName).OfType<string>().Concat(MethodNames).Distinct();

    /// <summary>The range method of a name, such as <c>mse</c> or <c>percentile(99.9)</c>.</summary>
    /// <exception cref="CaliperException">There is none of that name.</exception>
    public static RangeMethod MethodOf(string name) => RangeMethod.Parse(name);

    /// <summary>Caliper's mapping with a range method of choice.</summary>
    public static QConfigMapping Of(RangeMethod method) =>
        Rebuild(QConfig.Default, spec => ByMethod(method, spec));

    /// <summary>The mapping: a preset or a file, its observer of activations replaced, and layers left out.</summary>
    /// <exception cref="CaliperException">There is no such preset, file, observer or plugin.</exception>
    public static QConfigMapping Of(SchemeOptions options)
    {
        foreach (var plugin in options.Plugins) Plugin.Load(plugin);
        var mapping = options.QConfig.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? QConfigMapping.Load(options.QConfig) : QConfig.Parse(options.QConfig);
        var observer = options.Observer is { } name ? ObserverOf(name) : null;
        return options.Exclude.Aggregate(Rebuild(mapping, observer), (all, pattern) => all.SetNameGlob(pattern, null));
    }

    /// <summary>Puts an observer in place of another and keeps its type and scheme.</summary>
    private static Func<ObserverSpec, ObserverSpec> ObserverOf(string name)
    {
        foreach (var known in ObserverSpec.Known.Where(o => o.CommandName is not null))
        {
            // PyTorch's own class names are welcome too.
            if (known.CommandName == name || known.Name == name) return known.WithArgumentsOf;
        }
        if (!MethodNames.Contains(name.Split('(')[0]))
            throw new CaliperException($"There is no observer '{name}' of activations; choose one of {string.Join(", ", ObserverNames)}."
                + Suggestion.For(name, ObserverNames));
        var method = MethodOf(name);
        return spec => ByMethod(method, spec);
    }

    private static StatisticsSpec ByMethod(RangeMethod method, ObserverSpec spec) =>
        (StatisticsSpec)ObserverSpec.Statistics(method).WithArgumentsOf(spec) with { Method = method };

    /// <summary>The same mapping with another observer of activations. An exact name becomes a pattern, because of two
    /// patterns the later one counts, and what the command line excludes comes after what a file says.</summary>
    private static QConfigMapping Rebuild(QConfigMapping mapping, Func<ObserverSpec, ObserverSpec>? observer)
    {
        var result = new QConfigMapping(With(mapping.Global, observer));
        foreach (var (type, qconfig) in mapping.OperatorTypes) result = result.SetOperatorType(type, With(qconfig, observer));
        foreach (var (pattern, qconfig) in mapping.NameGlobs) result = result.SetNameGlob(pattern, With(qconfig, observer));
        foreach (var (name, qconfig) in mapping.Names) result = result.SetNameGlob(name, With(qconfig, observer));
        return result;
    }

    private static QConfig? With(QConfig? qconfig, Func<ObserverSpec, ObserverSpec>? observer) => qconfig is null || observer is null
        ? qconfig : qconfig with { Activation = observer(qconfig.Activation) };
}
