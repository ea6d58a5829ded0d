using System.Collections.Immutable;
using System.Text.Json;
using Caliper.Graphs;
using Caliper.Testing;

namespace Caliper.Conformance.Engine;

/// <summary>PyTorch's int8 operators, as its oneDNN engine computed them, written as QDQ nodes for the engine.</summary>
public class PyTorchOperatorTests
{
    [Fact]
    public void Every_operator_is_within_one_level_and_almost_all_bytes_are_equal()
    {
        using var fixture = JsonDocument.Parse(File.ReadAllText(SharedFolder.Path("fixtures", "operators.json")));
        var (different, all) = (0, 0);
        foreach (var operation in fixture.RootElement.GetProperty("operators").EnumerateArray())
        {
            var expected = operation.GetProperty("outputs").GetProperty("onednn").GetProperty("int_repr").EnumerateArray()
                .Select(q => q.GetInt32()).ToArray();
            var actual = Run(operation);
            Assert.Equal(expected.Length, actual.Length);
            var distances = expected.Zip(actual, (e, a) => Math.Abs(e - a)).ToArray();
            Assert.True(distances.Max() <= 1, $"{operation.GetProperty("op")} is {distances.Max()} levels off");
            (different, all) = (different + distances.Count(d => d > 0), all + distances.Length);
        }
        Assert.InRange(different, 0, (int)(Tolerances.PyTorchShareOffByOne * all));
    }

    private static byte[] Run(JsonElement operation)
    {
        var (nodes, constants) = (new List<Node>(), new Dictionary<string, Tensor>(StringComparer.Ordinal));
        var kind = operation.GetProperty("op").GetString()!;
        var inputs = new List<string> { Operand(operation.GetProperty("input"), "x") };
        if (operation.TryGetProperty("input2", out var second)) inputs.Add(Operand(second, "x2"));
        if (operation.TryGetProperty("weight", out var weight)) inputs.AddRange(Weights(operation, weight));
        var result = "y";
        nodes.Add(Configured(new Node("op", OnnxName(kind), [.. inputs], [result]), operation));
        if (kind.EndsWith("_relu", StringComparison.Ordinal)) nodes.Add(new Node("relu", "Relu", ["y"], [result = "y_relu"]));
        constants["y_scale"] = Tensor.Scalar(operation.GetProperty("output_scale").GetSingle());
        constants["y_zero"] = Tensor.Scalar((byte)operation.GetProperty("output_zero_point").GetInt32());
        nodes.Add(new Node("quantize", "QuantizeLinear", [result, "y_scale", "y_zero"], ["bytes"]));
        return Run(nodes, constants);

        string Operand(JsonElement element, string name)
        {
            constants[name] = Tensor.Of(ShapeOf(element), element.GetProperty("int_repr").EnumerateArray().Select(q => (byte)q.GetInt32()).ToArray());
            constants[name + "_scale"] = Tensor.Scalar(element.GetProperty("scale").GetSingle());
            constants[name + "_zero"] = Tensor.Scalar((byte)element.GetProperty("zero_point").GetInt32());
            nodes.Add(new Node("dequantize_" + name, "DequantizeLinear", [name, name + "_scale", name + "_zero"], [name + "_real"]));
            return name + "_real";
        }

        string[] Weights(JsonElement whole, JsonElement element)
        {
            constants["w"] = Tensor.Of(ShapeOf(element), element.GetProperty("int_repr").EnumerateArray().Select(q => (sbyte)q.GetInt32()).ToArray());
            var scales = element.GetProperty("scale");
            float[] values = scales.ValueKind is JsonValueKind.Array ? [.. scales.EnumerateArray().Select(s => s.GetSingle())] : [scales.GetSingle()];
            constants["w_scale"] = values.Length == 1 ? Tensor.Scalar(values[0]) : Tensor.Vector(values);
            constants["w_zero"] = values.Length == 1 ? Tensor.Scalar((sbyte)0) : Tensor.Vector(new sbyte[values.Length]);
            nodes.Add(new Node("dequantize_w", "DequantizeLinear", ["w", "w_scale", "w_zero"], ["w_real"]).With("axis", 0));
            if (whole.GetProperty("bias").ValueKind is not JsonValueKind.Array) return ["w_real"];
            constants["bias"] = Tensor.Vector(whole.GetProperty("bias").EnumerateArray().Select(b => b.GetSingle()).ToArray());
            return ["w_real", "bias"];
        }
    }

    private static byte[] Run(List<Node> nodes, Dictionary<string, Tensor> constants)
    {
        var values = new[] { "x", "x2" }.Where(constants.ContainsKey).ToArray();
        var graph = new Graph("op", [.. values.Select(v => new Value(v, ElementType.UInt8, constants[v].Shape))],
            [new Value("bytes", ElementType.UInt8, null)], nodes,
            constants.Where(c => !values.Contains(c.Key)).ToImmutableSortedDictionary(StringComparer.Ordinal));
        var model = new Model(graph, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add("", 14));
        using var session = Int8Session.FromModel(model);
        return session.Run(values.ToDictionary(v => v, v => constants[v]))["bytes"].Bytes.ToArray();
    }

    private static string OnnxName(string kind) => kind.Replace("_relu", "", StringComparison.Ordinal) switch
    {
        "conv2d" => "Conv",
        "linear" => "Gemm",
        "add" => "Add",
        "mul" => "Mul",
        "cat" => "Concat",
        "max_pool2d" => "MaxPool",
        "avg_pool2d" => "AveragePool",
        "adaptive_avg_pool2d" => "GlobalAveragePool",
        "relu" => "Relu",
        "hardswish" => "HardSwish",
        "sigmoid" => "Sigmoid",
        _ => throw new NotSupportedException(kind),
    };

    private static Node Configured(Node node, JsonElement operation)
    {
        var attributes = operation.GetProperty("attrs");
        int Number(string name, int whenAbsent) => attributes.TryGetProperty(name, out var value) ? value.GetInt32() : whenAbsent;
        var (stride, pad) = (Number("stride", 1), Number("padding", 0));
        return node.OpType switch
        {
            "Conv" => node.With("strides", stride, stride).With("pads", pad, pad, pad, pad).With("group", Number("groups", 1))
                .With("dilations", Number("dilation", 1), Number("dilation", 1)),
            "MaxPool" or "AveragePool" => node.With("kernel_shape", Number("kernel_size", 1), Number("kernel_size", 1))
                .With("strides", stride, stride).With("pads", pad, pad, pad, pad).With("count_include_pad", 1),
            "Gemm" => node.With("transB", 1),
            "Concat" => node.With("axis", Number("dim", 0)),
            _ => node,
        };
    }

    private static Shape ShapeOf(JsonElement element) => Shape.Of([.. element.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())]);
}
