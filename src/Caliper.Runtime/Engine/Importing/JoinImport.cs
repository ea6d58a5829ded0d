using System.Collections.Immutable;
using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Concat and Pad: movement into a larger tensor.</summary>
internal static class JoinImport
{
    /// <summary>Tensors one after the other. Bytes stay bytes where all parts stand for the same numbers, or where the whole is
    /// quantized afterwards.</summary>
    public static bool Concat(GraphImporter graph, Node node)
    {
        var sources = node.Inputs.Select(i => graph[i]).ToArray();
        if (sources.All(s => s is Source.Integers or Source.Constant { Tensor.Type: ElementType.UInt8 or ElementType.Int8 }))
        {
            var isSigned = sources.OfType<Source.Integers>().Select(s => s.IsSigned).FirstOrDefault();
            var parts = node.Inputs.Select((name, i) =>
                sources[i] is Source.Constant c ? graph.ConstantBytes(name, c.Tensor) : MovementImport.BytesOf(sources[i])!);
            return Join(graph, node, [.. parts], new Source.Integers(null!, isSigned));
        }
        if (sources.OfType<Source.Whole>().FirstOrDefault() is { } whole)
        {
            var parts = node.Inputs.Select(graph.Whole).ToArray();
            return parts.All(p => p?.Type == whole.Type) && Join(graph, node, [.. parts.Select(p => p!.Value)], whole);
        }
        var bytes = node.Inputs.Select(graph.Bytes).ToArray();
        if (bytes.All(b => b is not null) && sources.OfType<Source.Quantized>().FirstOrDefault() is { } first)
        {
            if (bytes.All(b => b!.Value.Scale == first.Scale)) return Join(graph, node, [.. bytes.Select(b => b!.Value.Value)], first);
            if (Targets.After(graph, node) is { } target)
            {
                var parts = bytes.Select(b => QuantizationImport.Requantized(graph, node.Name, b!.Value, target.Scale)).ToArray();
                return Into(graph, node, parts, target);
            }
        }
        if (sources[0] is Source.QuantizedWords { Operand.Scale: var scale }
            && sources.All(s => s is Source.QuantizedWords { Operand.Scale: var own } && own == scale)) return JoinWords(graph, node, sources);
        if (!node.Inputs.All(graph.HasFloats)) return false;
        return Join(graph, node, [.. node.Inputs.Select(graph.Floats)], null);
    }

    /// <summary>ONNX Runtime's QLinearConcat: scale and zero point of the whole, then each part with its own.</summary>
    public static bool QLinearConcat(GraphImporter graph, Node node)
    {
        var (scale, isSigned) = ScaleReading.OneOf(graph, node, 0, 1);
        var parts = Enumerable.Range(0, (node.Inputs.Length - 2) / 3).Select(i =>
            QuantizationImport.Requantized(graph, node.Name, LinearImport.IntegerOperand(graph, node, 2 + 3 * i), scale)).ToArray();
        return Into(graph, node, parts, new Target(node.Output, isSigned, scale, ByteRange.Full));
    }

    /// <summary>Pad with a constant; the byte that stands for it must exist.</summary>
    public static bool Pad(GraphImporter graph, Node node)
    {
        var mode = node.Text("mode", "constant");
        if (mode is not "constant") return PadOfItself(graph, node, mode);
        var pads = SliceReading.Numbers(graph, node, "pads", 1) ?? throw GraphImporter.Unsupported(node, "it has no pads");
        var constant = node.Input(2).Length > 0 ? graph[node.Inputs[2]] switch
        {
            Source.Constant { Tensor: { Count: 1 } tensor } => tensor,
            Source.QuantizedConstant { Content: { Tensor.Count: 1 } c } => c.Dequantize(),
            _ => throw GraphImporter.Unsupported(node, "its constant is not known"),
        } : null;
        var source = graph[node.Inputs[0]];
        if (FillOf(graph, node, source, constant) is { } fill) return MovementImport.Move(graph, node, (value, output) =>
            Padded(graph, node, value, output, pads, fill));
        // A byte for this number does not exist: pad the floats.
        if (!graph.HasFloats(node.Inputs[0])) return false;
        var floats = graph.NewFloats(node.Output);
        graph.Add(Padded(graph, node, graph.Floats(node.Inputs[0]), floats, pads, FloatBytes(constant)));
        graph[node.Output] = new Source.Real(floats);
        return true;
    }

    /// <summary>Pad with elements of the tensor: along one axis after the other, each is gathered from where it comes.</summary>
    private static bool PadOfItself(GraphImporter graph, Node node, string mode)
    {
        if (mode is not ("edge" or "reflect" or "wrap")) throw NodeFault.Of(node, $"has the mode '{mode}'");
        var parts = new Lowering(graph, node);
        var (x, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Output));
        var pads = SliceReading.Numbers(graph, node, "pads", 1) ?? throw GraphImporter.Unsupported(node, "it has no pads");
        var before = Padding.Of(node, x.Length, pads, SliceReading.Numbers(graph, node, null, 3)).Before;
        var result = node.Inputs[0];
        for (var axis = 0; axis < x.Length; axis++)
        {
            if (before[axis] == 0 && x[axis] == y[axis]) continue;
            long length = x[axis], first = before[axis];
            parts.TableOf(y[axis]);
            long[] places = [.. Enumerable.Range(0, y[axis]).Select(i => i - first).Select(at => mode switch
            {
                "edge" => Math.Clamp(at, 0, length - 1),
                "wrap" => (at % length + length) % length,
                _ => Reflected(at),
            })];
            result = parts.Of(parts.Part("Gather", result, parts.Numbers(places)).With("axis", axis));

            long Reflected(long at)
            {
                if (length == 1) return 0;
                var turn = (at % (2 * length - 2) + (2 * length - 2)) % (2 * length - 2);
                return turn < length ? turn : 2 * length - 2 - turn;
            }
        }
        return parts.End(parts.Part("Identity", result));
    }

    private static byte[]? FillOf(GraphImporter graph, Node node, Source source, Tensor? constant)
    {
        switch (source)
        {
            case Source.Integers integers: return IntegerFill(integers.IsSigned);
            case Source.Constant { Tensor.Type: ElementType.Int8 or ElementType.UInt8 } bytes:
                return IntegerFill(bytes.Tensor.Type is ElementType.Int8);
            case Source.Quantized or Source.QuantizedConstant when graph.Bytes(node.Inputs[0]) is { Scale: var scale }:
                var real = constant?.Span<float>()[0] ?? 0;
                var q = scale.Quantize(real);
                return scale.Dequantize(q) == real ? [q] : null;
            case Source.QuantizedConstant or Source.QuantizedWords or Source.Words: return null;
            default: return FloatBytes(constant);
        }

        byte[] IntegerFill(bool isSigned)
        {
            if (constant is null) return [isSigned ? (byte)0x80 : (byte)0];
            return constant.Type is ElementType.Int8 or ElementType.UInt8 ? [(byte)(constant.Bytes.Span[0] ^ (isSigned ? 0x80 : 0))]
                : throw GraphImporter.Unsupported(node, "its constant is not of its input's type");
        }
    }

    private static byte[] FloatBytes(Tensor? constant) => constant is { Type: ElementType.Float32 } ? constant.Bytes.ToArray() : new byte[4];

    private static CopyOperation Padded(GraphImporter graph, Node node, EngineValue value, EngineValue output, ImmutableArray<long> pads, byte[] fill)
    {
        var rank = value.Shape.Length;
        var axes = SliceReading.Numbers(graph, node, null, 3);
        int[] before = [.. Padding.Of(node, rank, pads, axes).Before.Select(b => (int)b)];
        int[] lengths = [.. value.Shape.Select((l, a) => Math.Min(l - Math.Max(0, -before[a]), output.Shape[a] - Math.Max(0, before[a])))];
        if (lengths.Any(l => l < 1)) throw GraphImporter.Unsupported(node, "nothing of its input is left");
        var part = new CopyPart(0, [.. before.Select(b => Math.Max(0, b))], lengths, [.. before.Select(b => Math.Max(0, -b))],
            [.. Enumerable.Range(0, rank).Select(a => (a, 1))]);
        return new CopyOperation(node.Name, "Pad", [value], output, [part]) { Fill = fill };
    }

    private static bool Into(GraphImporter graph, Node node, EngineValue[] parts, Target target)
    {
        var output = Targets.Declare(graph, target).Value;
        var whole = target.Range == ByteRange.Full ? output : new EngineValue(output.Name, output.Type, output.Shape);
        graph.Add(Joined(node, parts, whole));
        if (whole != output) graph.Add(Clamped(node, whole, output, target.Range));
        return true;
    }

    private static bool Join(GraphImporter graph, Node node, EngineValue[] parts, Source? kind)
    {
        var output = kind switch
        {
            null => graph.NewFloats(node.Output),
            Source.Whole whole => graph.NewWhole(node.Output, whole.Type),
            _ => graph.NewBytes(node.Output),
        };
        graph.Add(Joined(node, parts, output));
        graph[node.Output] = kind is null ? new Source.Real(output) : MovementImport.WithValue(kind, output);
        return true;
    }

    private static bool JoinWords(GraphImporter graph, Node node, Source[] sources)
    {
        var (high, low) = (graph.NewBytes(node.Output), graph.NewBytes(node.Output));
        graph.Add(Joined(node, [.. sources.Select(s => MovementImport.HalvesOf(s)!.Value.High)], high));
        graph.Add(Joined(node, [.. sources.Select(s => MovementImport.HalvesOf(s)!.Value.Low)], low));
        graph[node.Output] = MovementImport.WithHalves(sources[0], high, low);
        return true;
    }

    private static CopyOperation Joined(Node node, EngineValue[] parts, EngineValue output)
    {
        var axis = NodeAxes.Of(node, output.Shape.Length, 1);
        var at = 0;
        var boxes = new List<CopyPart>();
        for (var i = 0; i < parts.Length; i++)
        {
            var start = new int[output.Shape.Length];
            start[axis] = at;
            boxes.Add(CopyPart.Of(i, parts[i], start));
            at += parts[i].Shape[axis];
        }
        return new CopyOperation(node.Name, "Concat", parts, output, [.. boxes]);
    }

    private static TableOperation Clamped(Node node, EngineValue input, EngineValue output, ByteRange range)
    {
        var table = new byte[256];
        for (var q = 0; q < 256; q++) table[q] = Math.Clamp((byte)q, range.Low, range.High);
        return new TableOperation(node.Name, "Clip", input, output, table);
    }
}
