using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Caliper.Tool.Reports;

/// <summary>Writes reports as one JSON document, with code that is generated at build time: reflection would cost startup.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CalibrationReport))]
[JsonSerializable(typeof(ComparisonReport))]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(InspectionReport))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(LayerComparisonReport))]
[JsonSerializable(typeof(InfoReport))]
[JsonSerializable(typeof(DemoReport))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    // Paths and layer names stay readable; the document goes to a terminal or a program, never into a web page.
    private static readonly ReportJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>How a report is written.</summary>
    public static JsonTypeInfo<T> FormOf<T>() => (JsonTypeInfo<T>)Readable.GetTypeInfo(typeof(T))!;

    public static void Write<T>(TextWriter writer, T report) => writer.WriteLine(JsonSerializer.Serialize(report, FormOf<T>()));
}
