namespace Caliper.Tool.Reports;

/// <summary>A <see cref="Diagnostic"/> in JSON.</summary>
internal sealed record DiagnosticReport(string Code, string Place, string Message, string Advice)
{
    public static DiagnosticReport[] Of(IEnumerable<Diagnostic> diagnostics) =>
        [.. diagnostics.Select(d => new DiagnosticReport(d.Code, d.Place, d.Message, d.Advice))];
}
