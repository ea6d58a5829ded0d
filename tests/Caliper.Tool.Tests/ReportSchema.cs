using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Xml.Linq;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Tests;

/// <summary>
/// The JSON schema of a report, made from its record and from the options that it is written with. Descriptions are the XML
/// comments: the report's own, or else those of the library's record that it repeats.
/// </summary>
internal static class ReportSchema
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Dictionary<string, string> Comments = CommentsOf("Caliper.Tool", "Caliper");

    /// <summary>The schema as text.</summary>
    /// <param name="title">Which document it describes.</param>
    public static string Of<T>(string title)
    {
        var schema = ReportJson.FormOf<T>().GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = Complete
        }).AsObject();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", title);
        return schema.ToJsonString(Layout) + "\n";
    }

    private static JsonNode Complete(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema) return node;
        LeaveNullsOut(schema);
        var comment = context.PropertyInfo is { } property
            ? Comment(property.DeclaringType, (property.AttributeProvider as System.Reflection.MemberInfo)?.Name ?? property.Name)
            : Comment(context.TypeInfo.Type, null);
        if (comment is not null && !schema.ContainsKey("description")) schema.Insert(0, "description", comment);
        return schema;
    }

    /// <summary>What is null is not written: such a property is optional, and never null.</summary>
    private static void LeaveNullsOut(JsonObject schema)
    {
        if (schema["properties"] is not JsonObject properties) return;
        foreach (var (name, value) in properties)
        {
            if (value is not JsonObject property || property["type"] is not JsonArray types) continue;
            property["type"] = types.Select(t => t!.GetValue<string>()).Single(t => t != "null");
            if (schema["required"] is JsonArray required) required.RemoveAll(r => r!.GetValue<string>() == name);
        }
    }

    private static string? Comment(Type type, string? member)
    {
        var twin = "Caliper.Analysis." + type.Name.Replace("Report", "", StringComparison.Ordinal);
        foreach (var name in new[] { type.FullName, twin })
        {
            var key = member is null ? $"T:{name}" : $"P:{name}.{member}";
            if (Comments.TryGetValue(key, out var comment)) return comment;
        }
        return null;
    }

    private static Dictionary<string, string> CommentsOf(params ReadOnlySpan<string> assemblies)
    {
        var comments = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var assembly in assemblies)
        {
            foreach (var member in XDocument.Load(Path.Combine(AppContext.BaseDirectory, assembly + ".xml")).Descendants("member"))
            {
                var name = (string)member.Attribute("name")!;
                if (member.Element("summary") is { } summary) comments[name] = TextOf(summary);
                // A positional record's properties are told at its type.
                foreach (var parameter in member.Elements("param").Where(_ => name.StartsWith("T:", StringComparison.Ordinal)))
                    comments.TryAdd($"P:{name[2..]}.{(string)parameter.Attribute("name")!}", TextOf(parameter));
            }
        }
        return comments;
    }

    private static string TextOf(XElement comment) => string.Join(' ', string.Concat(comment.Nodes().Select(n => n switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "paramref" } reference => ((string)reference.FirstAttribute!).Split('.', ':')[^1],
        XElement element => element.Value,
        _ => "",
    })).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
