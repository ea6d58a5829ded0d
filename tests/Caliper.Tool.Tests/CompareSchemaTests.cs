using System.Text.Json;
using Caliper.Tool.Reports;
using Json.Schema;

namespace Caliper.Tool.Tests;

/// <summary>docs/schemas/compare.schema.json is what <c>compare --format json</c> writes.</summary>
public sealed class CompareSchemaTests : IDisposable
{
    private const string Update = "CALIPER_UPDATE_SCHEMAS";

    private static readonly string File = Path.Combine(DocumentationTests.Repository(), "docs", "schemas", "compare.schema.json");

    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void The_committed_schema_is_that_of_the_code()
    {
        var schema = ReportSchema.Of<LayerComparisonReport>("caliper compare --format json");
        if (Environment.GetEnvironmentVariable(Update) == "1") System.IO.File.WriteAllText(File, schema);
        Assert.True(System.IO.File.Exists(File) && schema == System.IO.File.ReadAllText(File).ReplaceLineEndings("\n"),
            $"docs/schemas/compare.schema.json is not what the code writes now. Run this test with {Update}=1 in the environment,"
                + " and commit the file.");
    }

    [Fact]
    public void A_real_comparison_is_valid()
    {
        var result = Compare();
        var evaluation = Schema().Evaluate(result, new EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.True(evaluation.IsValid, JsonSerializer.Serialize(evaluation));
        // Nothing is written that the schema does not name.
        using var schema = JsonDocument.Parse(System.IO.File.ReadAllText(File));
        AssertNamed(result, schema.RootElement);
    }

    [Theory]
    [InlineData("\"samples\": 24", "\"samples\": \"24\"")]
    [InlineData("\"tensors\"", "\"tensor\"")]
    [InlineData("\"zeroPoint\"", "\"zero_point\"")]
    public void A_document_that_is_not_one_is_refused(string right, string wrong)
    {
        var text = Compare().GetRawText();
        Assert.Contains(right, text, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(text.Replace(right, wrong, StringComparison.Ordinal));
        Assert.False(Schema().Evaluate(document.RootElement).IsValid);
    }

    private static JsonSchema Schema() => JsonSchema.FromText(System.IO.File.ReadAllText(File));

    private static void AssertNamed(JsonElement value, JsonElement schema)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray()) AssertNamed(item, schema.GetProperty("items"));
        }
        else if (value.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in value.EnumerateObject())
            {
                Assert.True(properties.TryGetProperty(property.Name, out var inner), property.Name);
                AssertNamed(property.Value, inner);
            }
        }
    }

    private JsonElement Compare()
    {
        Assert.Equal(0, ToolRun.Of("quantize", _sample.Model(), "--data", _sample.Images(), "-o", _sample["int8.onnx"]).ExitCode);
        return ToolRun.Of("compare", _sample["model.onnx"], _sample["int8.onnx"], "--data", _sample["images"], "--format", "json", "--no-progress")
            .Json;
    }
}
