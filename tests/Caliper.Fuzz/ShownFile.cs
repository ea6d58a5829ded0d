using System.Text;
using Caliper.Onnx.Schema;

namespace Caliper.Fuzz;

/// <summary>A file as text, for who looks at a finding.</summary>
internal static class ShownFile
{
    public static string Of(byte[] file)
    {
        var graph = ModelProto.Parser.ParseFrom(file).Graph;
        var text = new StringBuilder();
        foreach (var value in graph.Input.Concat(graph.Output)) text.AppendLine($"{value}");
        foreach (var node in graph.Node)
        {
            text.Append($"{string.Join(' ', node.Output)} = {node.Domain} {node.OpType}({string.Join(' ', node.Input)})");
            text.AppendLine(string.Concat(node.Attribute.Select(a => $" {a}")));
        }
        foreach (var constant in graph.Initializer) text.AppendLine($"{constant.Name}: type {constant.DataType} [{string.Join(',', constant.Dims)}]");
        return text.ToString();
    }
}
