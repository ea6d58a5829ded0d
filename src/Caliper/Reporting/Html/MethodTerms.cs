using Caliper.Ranges;

namespace Caliper.Reporting.Html;

/// <summary>What the range methods are, for the glossary.</summary>
internal static class MethodTerms
{
    /// <summary>The terms of all methods, those of users last.</summary>
    public static IEnumerable<Term> All => RangeMethod.Known.Select(Of);

    /// <summary>The term of a method, whatever its parameter.</summary>
    public static Term Of(RangeMethod method) => new("method-" + method.Name, method.Name, method.Summary, method.Remark);
}
