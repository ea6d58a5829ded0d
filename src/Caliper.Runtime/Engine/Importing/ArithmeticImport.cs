using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Elementwise operators on bytes.</summary>
internal static class ArithmeticImport
{
    /// <summary>A chain of functions of one value after DequantizeLinear becomes one table: of bytes where QuantizeLinear follows, of floats
    /// otherwise. A Relu alone keeps the bytes as they are.</summary>
    public static bool Unary(GraphImporter graph, Node node)
    {
        if (UnaryFunctions.Of(graph, node) is not { } unary || graph[node.Inputs[unary.Input]] is not Source.Quantized source) return false;
        var (function, kind, last) = (unary.Function.Of, node.OpType, node);
        while (true)
        {
            if (Targets.After(graph, last) is { } target)
            {
                AddTable(graph, node.Name, kind, source.Operand, function, target);
                return true;
            }
            if (graph.OnlyReader(last.Output) is not { } next || UnaryFunctions.Of(graph, next) is not { } further
                || next.Inputs[further.Input] != last.Output) break;
            var (inner, outer) = (function, further.Function.Of);
            function = x => outer(inner(x));
            kind += "+" + next.OpType;
            graph.Done(next);
            last = next;
        }
        if (last == node && node.Is("Relu")) return Relu(graph, node, source);
        var output = graph.NewFloats(last.Output);
        graph.Add(new DequantizeOperation(node.Name, source.Operand, output) { Function = (function, kind) });
        graph[last.Output] = new Source.Real(output);
        return true;
    }

    /// <summary>ONNX Runtime's QLinearSigmoid and QLinearLeakyRelu.</summary>
    public static bool QLinearUnary(GraphImporter graph, Node node)
    {
        var input = LinearImport.IntegerOperand(graph, node, 0);
        var plain = node with { OpType = node.OpType["QLinear".Length..], Domain = "", Inputs = [node.Inputs[0]] };
        var function = UnaryFunctions.Of(graph, plain)!.Value.Function.Of;
        AddTable(graph, node.Name, plain.OpType, input, function, Targets.Own(graph, node, 3, 4));
        return true;
    }

    /// <summary>Clip or Relu on integers themselves.</summary>
    public static bool IntegerClip(GraphImporter graph, Node node)
    {
        if (graph[node.Inputs[0]] is not Source.Integers integers) return false;
        var flip = integers.IsSigned ? (byte)0x80 : (byte)0;
        var low = node.OpType is "Relu" ? (byte?)flip : Bound(1, 0);
        var high = node.OpType is "Relu" ? 255 : Bound(2, 255);
        if (low is not { } min || high is not { } max) throw GraphImporter.Unsupported(node, "its bounds are not constant integers");
        var table = new byte[256];
        for (var q = 0; q < 256; q++) table[q] = Math.Min(Math.Max((byte)q, min), max);
        var output = graph.NewBytes(node.Output);
        graph.Add(new TableOperation(node.Name, node.OpType, integers.Value, output, table));
        graph[node.Output] = integers with { Value = output };
        return true;

        byte? Bound(int input, byte whenAbsent) => node.Input(input).Length == 0 ? whenAbsent
            : graph.Constant(node.Inputs[input]) is { Count: 1, Type: ElementType.Int8 or ElementType.UInt8 } bound
            ? (byte)(bound.Bytes.Span[0] ^ flip) : null;
    }

    /// <summary>Add, Sub or Mul of two quantized tensors between DequantizeLinear and QuantizeLinear.</summary>
    public static bool Binary(GraphImporter graph, Node node)
    {
        if (node.Inputs.Length != 2 || node.OpType is not ("Add" or "Sub" or "Mul")) return false;
        if (graph.Bytes(node.Inputs[0]) is not { } a || graph.Bytes(node.Inputs[1]) is not { } b) return false;
        if (Targets.After(graph, node) is not { } target) return false;
        AddBinary(graph, node.Name, node.OpType, a, b, target);
        return true;
    }

    /// <summary>ONNX Runtime's QLinearAdd and QLinearMul.</summary>
    public static bool QLinearBinary(GraphImporter graph, Node node)
    {
        AddBinary(graph, node.Name, node.OpType["QLinear".Length..], LinearImport.IntegerOperand(graph, node, 0),
            LinearImport.IntegerOperand(graph, node, 3), Targets.Own(graph, node, 6, 7));
        return true;
    }

    /// <summary>Softmax between DequantizeLinear and QuantizeLinear.</summary>
    public static bool Softmax(GraphImporter graph, Node node)
    {
        if (graph[node.Inputs[0]] is not Source.Quantized source || graph.Opset < 13) return false;
        if (Targets.After(graph, node) is not { } target) return false;
        var axis = NodeAxes.Of(node, source.Value.Shape.Length, -1);
        graph.Add(new SoftmaxOperation(node.Name, source.Operand, axis, Targets.Declare(graph, target)));
        return true;
    }

    /// <summary>ONNX Runtime's QLinearSoftmax.</summary>
    public static bool QLinearSoftmax(GraphImporter graph, Node node)
    {
        var input = LinearImport.IntegerOperand(graph, node, 0);
        var rank = input.Value.Shape.Length;
        var axis = NodeAxes.Of(node, rank, -1);
        if (node.Int("opset", 13) < 13 && axis != rank - 1)
            throw GraphImporter.Unsupported(node, "it normalizes over several axes at once");
        graph.Add(new SoftmaxOperation(node.Name, input, axis, Targets.Declare(graph, Targets.Own(graph, node, 3, 4))));
        return true;
    }

    private static void AddBinary(GraphImporter graph, string name, string kind, ByteOperand a, ByteOperand b, Target target)
    {
        var output = Targets.Declare(graph, target);
        graph.Add(kind == "Mul"
            ? BinaryOperation.Multiply(name, a, b, output) : BinaryOperation.Add(name, a, b, output, kind == "Sub" ? -1 : 1));
    }

    private static void AddTable(GraphImporter graph, string name, string kind, ByteOperand input, Func<float, float> function, Target target)
    {
        var table = new byte[256];
        for (var q = 0; q < 256; q++)
            table[q] = Math.Clamp(target.Scale.Quantize(function(input.Scale.Dequantize((byte)q))), target.Range.Low, target.Range.High);
        graph.Add(new TableOperation(name, kind, input.Value, Targets.Declare(graph, target).Value, table));
    }

    /// <summary>Bytes below the zero point become the zero point, which stands for exactly 0: no new scale is needed.</summary>
    private static bool Relu(GraphImporter graph, Node node, Source.Quantized source)
    {
        var table = new byte[256];
        for (var q = 0; q < 256; q++) table[q] = Math.Max((byte)q, source.Scale.ZeroPoint);
        var output = graph.NewBytes(node.Output);
        graph.Add(new TableOperation(node.Name, node.OpType, source.Value, output, table));
        graph[node.Output] = source with { Value = output };
        return true;
    }
}
