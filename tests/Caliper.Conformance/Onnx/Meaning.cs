using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;

namespace Caliper.Conformance.Onnx;

/// <summary>
/// Compares two ONNX files by what they say, not by how: constants by value wherever they stand, nodes by what they
/// produce, attributes by name.
/// </summary>
internal static class Meaning
{
    public static void AssertSame(byte[] expected, byte[] actual)
    {
        var (left, right) = (ModelProto.Parser.ParseFrom(expected), ModelProto.Parser.ParseFrom(actual));
        Assert.Equal(Describe(left), Describe(right));
    }

    private static IEnumerable<string> Describe(ModelProto model)
    {
        var graph = model.Graph;
        var constants = graph.Initializer.Select(i => (i.Name, Proto: i))
            .Concat(graph.Node.Where(IsConstant).Select(n => (Name: n.Output[0], Proto: n.Attribute[0].T))).ToArray();
        var constantNames = constants.Select(c => c.Name).ToHashSet();
        var lines = new List<string>
        {
            $"ir {model.IrVersion} version {model.ModelVersion} {model.Domain} {model.DocString}",
            $"producer {model.ProducerName} {model.ProducerVersion}",
        };
        lines.AddRange(model.OpsetImport.Select(o => $"opset {o.Domain} {o.Version}").Order(StringComparer.Ordinal));
        lines.AddRange(model.Functions.Select(f => f.ToString()));
        lines.AddRange(model.MetadataProps.Select(f => f.ToString()).Order(StringComparer.Ordinal));
        lines.Add($"graph {graph.Name} {graph.DocString}");
        lines.AddRange(graph.Input.Where(i => !constantNames.Contains(i.Name)).Select(i => $"input {i}"));
        lines.AddRange(graph.Output.Select(o => $"output {o}"));
        lines.AddRange(graph.ValueInfo.Where(v => !constantNames.Contains(v.Name)).Select(v => $"value {v}")
            .Order(StringComparer.Ordinal));
        lines.AddRange(constants.Select(c => $"constant {c.Name} {Describe(c.Proto)}").Order(StringComparer.Ordinal));
        lines.AddRange(graph.Node.Where(n => !IsConstant(n)).Select(Describe).Order(StringComparer.Ordinal));
        return lines;
    }

    private static bool IsConstant(NodeProto node) => node.OpType == "Constant" && node.Attribute[0].Name == "value";

    private static string Describe(NodeProto node) =>
        $"node {string.Join(",", node.Output)} = {node.Domain}:{node.OpType}({string.Join(",", node.Input)}) "
        + string.Join(" ", node.Attribute.OrderBy(a => a.Name, StringComparer.Ordinal).Select(Describe)) + node.DocString;

    private static string Describe(AttributeProto attribute) =>
        attribute.T is { } tensor ? $"{attribute.Name}={Describe(tensor)}" : attribute.ToString();

    private static string Describe(TensorProto proto)
    {
        if (proto.DataType == (int)ElementType.String) return proto.ToString();
        var tensor = TensorReader.Read(proto, new ExternalDataReader());
        return $"{tensor} {Convert.ToHexString(tensor.Bytes.Span)}";
    }
}
