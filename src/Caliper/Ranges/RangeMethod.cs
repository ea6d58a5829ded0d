using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// A way to choose the real range that a tensor's integers shall span, from its statistics alone. An immutable value; two of
/// the same kind with the same parameters are equal. A method's own file holds all there is of it, the property that names it here too.
/// </summary>
public abstract partial record RangeMethod
{
    /// <summary>A method of your own: derive a record, and <see cref="Register"/> it.</summary>
    protected RangeMethod() { }

    /// <summary>Every method with its defaults, from the simplest on.</summary>
    public static ImmutableArray<RangeMethod> All => Registered.BuiltIn;

    /// <summary>Every method that <see cref="Parse"/> knows: <see cref="All"/>, and those registered.</summary>
    public static ImmutableArray<RangeMethod> Known => Registered.Methods.All;

    /// <summary>What users call it: letters, digits and hyphens.</summary>
    public abstract string Name { get; }

    /// <summary>Where it stands in lists: the simpler a method is to explain, the earlier. Those of users come last.</summary>
    internal virtual int Complexity => int.MaxValue;

    /// <summary>What range it chooses, in one sentence.</summary>
    public abstract string Summary { get; }

    /// <summary>What is good or bad about that, in one or two more.</summary>
    public virtual string Remark => "";

    /// <summary>The parameter, for methods that have one: the number in <c>percentile(99.99)</c>. What overrides it sets a property of its
    /// own, which refuses what is wrong.</summary>
    /// <exception cref="CaliperException">The method has none, or the number is wrong.</exception>
    protected virtual double? Parameter
    {
        get => null;
        init => throw new CaliperException($"The range method {Name} has no parameter.");
    }

    /// <summary>Makes a method of users known to <see cref="Parse"/>, and so to JSON and to the command line, by its <see cref="Name"/>. Any
    /// thread may; once is enough.</summary>
    /// <param name="method">The method with its defaults.</param>
    /// <exception cref="CaliperException">The name is taken, or is not made of letters, digits, '-', '_' and '.'.</exception>
    public static void Register(RangeMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        Registered.Methods.Add(method);
    }

    /// <summary>Reads <c>mse</c> or <c>percentile(99.99)</c>.</summary>
    /// <exception cref="CaliperException">There is no such method, or its parameter is wrong.</exception>
    public static RangeMethod Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (name, argument) = text.IndexOf('(') is var open and > 0 && text.EndsWith(')') ? (text[..open], text[(open + 1)..^1]) : (text, null);
        var method = Known.FirstOrDefault(m => m.Name == name)
            ?? throw new CaliperException($"\"{text}\" is no range method; there are {string.Join(", ", Known)}."
                + Suggestion.For(name, Known.Select(m => m.Name)));
        if (argument is null) return method;
        return double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var parameter)
            ? method with { Parameter = parameter }
            : throw new CaliperException($"\"{argument}\" in the range method \"{text}\" is no number.");
    }

    /// <summary>
    /// The range for a tensor: finite, and with 0 in it. From it a <c>MinMaxObserver</c> calculates exactly the scale and the zero point
    /// that the method chose, unless that scale is below its <c>eps</c>.
    /// </summary>
    /// <param name="statistics">The tensor; of one without values the range is 0 to 0.</param>
    /// <param name="type">The integers.</param>
    /// <param name="symmetric">Whether the zero point is fixed in the middle.</param>
    /// <exception cref="CaliperException">A method of users chose a range that is not finite, or ends before it begins.</exception>
    public RealRange Choose(TensorStatistics statistics, QuantizedType type, bool symmetric)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        if (statistics.Count == 0) return (0, 0);
        var range = ChooseRange(statistics, type, symmetric);
        if (float.IsFinite(range.Min) && float.IsFinite(range.Max) && range.Min <= range.Max) return range.WithZero;
        throw new CaliperException(FormattableString.Invariant($"The range method {this} chose {range.Min} to {range.Max}, which is no range."));
    }

    /// <summary>The name, and the parameter where there is one: what <see cref="Parse"/> reads.</summary>
    public sealed override string ToString() => Parameter is { } parameter
        ? string.Create(CultureInfo.InvariantCulture, $"{Name}({parameter})")
        : Name;

    /// <summary>The range for a tensor that has values; it need not hold 0.</summary>
    /// <param name="statistics">The tensor.</param>
    /// <param name="type">The integers.</param>
    /// <param name="symmetric">Whether the zero point is fixed in the middle.</param>
    protected abstract RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric);

    /// <summary>The lists: made when first asked for, because the properties that name the methods stand in many files, and nobody says which
    /// of those is initialized first.</summary>
    private static class Registered
    {
        public static readonly ImmutableArray<RangeMethod> BuiltIn =
        [
            .. typeof(RangeMethod).GetProperties(BindingFlags.Public | BindingFlags.Static).Where(p => p.PropertyType == typeof(RangeMethod))
                .Select(p => (RangeMethod)p.GetValue(null)!).OrderBy(m => m.Complexity).ThenBy(m => m.Name, StringComparer.Ordinal),
        ];

        public static readonly Registry<RangeMethod> Methods = new(BuiltIn, method => [method.Name]);
    }
}
