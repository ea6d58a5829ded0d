namespace Caliper.Reporting.Html;

/// <summary>One line of the report's first table, such as accuracy, size or latency: texts that the caller has measured and written.</summary>
/// <param name="Label">What was measured, with its unit.</param>
/// <param name="Float">The float network's figure.</param>
/// <param name="Int8">The int8 network's figure.</param>
/// <param name="Change">How they differ; may be empty.</param>
public sealed record HtmlSummaryRow(string Label, string Float, string Int8, string Change);
