using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Operators that only move elements. They take bytes as bytes and floats as floats; what the bytes stand for does not
/// change, so that a DequantizeLinear before it and a QuantizeLinear after it cost nothing.</summary>
internal static class MovementImport
{
    /// <summary>Operators that only move elements, of any type.</summary>
    public static IReadOnlyDictionary<string, NodeImport> All { get; } = new Dictionary<string, NodeImport>
    {
        ["Identity"] = Identity,
        ["Dropout"] = Dropout,
        ["Reshape"] = Reshape,
        ["Flatten"] = Reshape,
        ["Squeeze"] = Reshape,
        ["Unsqueeze"] = Reshape,
        ["Transpose"] = Transpose,
        ["Slice"] = Slice,
        ["Split"] = Split,
        ["Expand"] = Expand,
        ["Gather"] = Gather,
    };

    /// <summary>The bytes of a source that has some at run time, or null.</summary>
    public static EngineValue? BytesOf(Source source) => source switch
    {
        Source.Quantized quantized => quantized.Value,
        Source.Integers integers => integers.Value,
        _ => null,
    };

    /// <summary>The same kind of source with other bytes.</summary>
    public static Source WithValue(Source source, EngineValue value) => source switch
    {
        Source.Quantized quantized => quantized with { Value = value },
        Source.Integers integers => integers with { Value = value },
        Source.Whole whole => whole with { Value = value },
        _ => new Source.Real(value),
    };

    /// <summary>The upper and lower bytes of a source that is words, or null.</summary>
    public static (EngineValue High, EngineValue Low)? HalvesOf(Source source) => source switch
    {
        Source.QuantizedWords { Operand: var words } => (words.High, words.Low),
        Source.Words words => (words.High, words.Low),
        _ => null,
    };

    /// <summary>The same kind of source with other words.</summary>
    public static Source WithHalves(Source source, EngineValue high, EngineValue low) => source switch
    {
        Source.QuantizedWords words => words with { Operand = words.Operand with { High = high, Low = low } },
        Source.Words words => words with { High = high, Low = low },
        _ => throw new ArgumentException("What is no words has no halves."),
    };

    /// <summary>The same value under another name.</summary>
    public static bool Identity(GraphImporter graph, Node node)
    {
        graph[node.Outputs[0]] = graph[node.Inputs[0]];
        return true;
    }

    /// <summary>Does nothing, unless the network is in training or may be.</summary>
    public static bool Dropout(GraphImporter graph, Node node) =>
        (node.Input(2).Length == 0 || graph.Constant(node.Input(2)) is { Bytes.Span: [0] }) && Identity(graph, node) && DropoutMask(graph, node);

    /// <summary>Nothing is dropped.</summary>
    private static bool DropoutMask(GraphImporter graph, Node node)
    {
        if (node.Outputs.Length < 2 || node.Outputs[1].Length == 0) return true;
        var parts = new Lowering(graph, node);
        long[] shape = [.. graph.ShapeOf(node.Outputs[0]).Select(l => (long)l)];
        return parts.End(node.Outputs[1], parts.Part("Expand", parts.Constant(Tensor.Scalar(true)), parts.Numbers(shape)));
    }

    /// <summary>Reshape, Flatten, Squeeze, Unsqueeze: shape inference has said what becomes of the shape.</summary>
    public static bool Reshape(GraphImporter graph, Node node)
    {
        var shape = graph.ShapeOf(node.Output);
        if (graph[node.Inputs[0]] is Source.QuantizedConstant { Content: var c }
            && (c.Scales.Length == 1 || (c.Axis == 0 && shape[0] == c.Scales.Length)))
        {
            var target = Shape.Of([.. shape.Select(l => (long)l)]);
            if (c.Tensor.Count == Sizes.Product(shape))
            {
                var reshaped = graph.Resources.Model.Once(c.Tensor, target.ToString(), () => c.Tensor.Reshape(target));
                graph[node.Output] = new Source.QuantizedConstant(c with { Tensor = reshaped });
                return true;
            }
        }
        return Move(graph, node, (value, output) => value.Count == output.Count ? new ReshapeOperation(node.Name, value, output)
            : throw new CaliperException($"The node '{node.Name}' ({node.OpType}) makes {Sizes.Text(output.Shape)} of {Sizes.Text(value.Shape)};"
                + " was the model exported for a fixed batch?"));
    }

    public static bool Transpose(GraphImporter graph, Node node)
    {
        if (graph[node.Inputs[0]] is Source.QuantizedConstant { Content: var c })
        {
            var constantOrder = NodeAxes.Order(node, c.Tensor.Shape.Rank);
            graph[node.Output] = new Source.QuantizedConstant(c with
            {
                Tensor = graph.Transposed(c.Tensor, constantOrder),
                Axis = c.Scales.Length == 1 ? 0 : constantOrder.IndexOf(c.Axis),
            });
            return true;
        }
        return Move(graph, node, (value, output) =>
            CopyOperation.Transposed(node.Name, value, output, NodeAxes.Order(node, value.Shape.Length)));
    }

    public static bool Slice(GraphImporter graph, Node node) => Move(graph, node, (value, output) =>
    {
        var (starts, steps) = SliceReading.Of(graph, node, value.Shape, output.Shape);
        var part = new CopyPart(0, new int[value.Shape.Length], output.Shape, starts, [.. steps.Select((step, axis) => (axis, step))]);
        return new CopyOperation(node.Name, "Slice", [value], output, [part]);
    });

    public static bool Split(GraphImporter graph, Node node)
    {
        var shape = graph.ShapeOf(node.Inputs[0]);
        var axis = NodeAxes.Of(node, shape.Length, 0);
        var lengths = Parts.Of(node, shape[axis], SliceReading.Numbers(graph, node, "split", 1));
        var at = 0;
        for (var i = 0; i < node.Outputs.Length; at += (int)lengths[i++])
        {
            if (node.Outputs[i].Length == 0) throw GraphImporter.Unsupported(node, "it leaves a part out");
            if (!Part(node.Outputs[i], at)) return false;
        }
        return true;

        bool Part(string name, int start) => Move(graph, node with { Outputs = [name] }, (value, output) =>
        {
            var starts = new int[value.Shape.Length];
            starts[axis] = start;
            var part = new CopyPart(0, new int[starts.Length], output.Shape, starts, [.. starts.Select((_, a) => (a, 1))]);
            return new CopyOperation(node.Name, "Split", [value], output, [part]);
        });
    }

    /// <summary>Expand: axes of length 1 are repeated, new ones put in front.</summary>
    public static bool Expand(GraphImporter graph, Node node) => Move(graph, node, (value, output) =>
    {
        var missing = output.Shape.Length - value.Shape.Length;
        var axes = output.Shape.Select((_, a) => a < missing || value.Shape[a - missing] == 1 ? (-1, 0) : (a - missing, 1)).ToArray();
        var part = new CopyPart(0, new int[output.Shape.Length], output.Shape, new int[value.Shape.Length], axes);
        return new CopyOperation(node.Name, "Expand", [value], output, [part]);
    });

    /// <summary>Gather at constant places.</summary>
    public static bool Gather(GraphImporter graph, Node node)
    {
        if (graph.Constant(node.Inputs[1]) is not { Type: ElementType.Int64 or ElementType.Int32 } tensor)
            return WholeNumbersImport.Gather(graph, node) ? true : throw GraphImporter.Unsupported(node, "its indices are no whole numbers");
        var indices = tensor.Type is ElementType.Int64 ? tensor.Span<long>().ToArray() : [.. tensor.Span<int>().ToArray().Select(i => (long)i)];
        return Move(graph, node, (value, output) =>
        {
            var axis = NodeAxes.Of(node, value.Shape.Length, 0);
            // The indices are one axis here; their own shape is that of the output.
            int[] flat = [.. value.Shape.Take(axis), indices.Length, .. value.Shape.Skip(axis + 1)];
            var gathered = new EngineValue(output.Name, output.Type, flat);
            var parts = GatherParts(node, value, axis, indices).ToArray();
            var isSame = flat.AsSpan().SequenceEqual(output.Shape);
            var copy = new CopyOperation(node.Name, "Gather", [value], isSame ? output : gathered, parts);
            if (isSame) return copy;
            graph.Add(copy);
            return new ReshapeOperation(node.Name, gathered, output);
        });
    }

    /// <summary>Applies a movement to whatever the first input is.</summary>
    public static bool Move(GraphImporter graph, Node node, Func<EngineValue, EngineValue, Operation> create)
    {
        var source = graph[node.Inputs[0]];
        if (BytesOf(source) is { } bytes)
        {
            var output = graph.NewBytes(node.Output);
            graph.Add(create(bytes, output));
            graph[node.Output] = WithValue(source, output);
            return true;
        }
        if (HalvesOf(source) is var (high, low))
        {
            var (upper, lower) = (graph.NewBytes(node.Output), graph.NewBytes(node.Output));
            graph.Add(create(high, upper));
            graph.Add(create(low, lower));
            graph[node.Output] = WithHalves(source, upper, lower);
            return true;
        }
        if (source is Source.QuantizedConstant { Content: { Scales.Length: 1 } c } && graph.Bytes(node.Inputs[0]) is { } constant)
        {
            var output = graph.NewBytes(node.Output);
            graph.Add(create(constant.Value, output));
            graph[node.Output] = new Source.Quantized(output, c.Tensor.Type is ElementType.Int8, constant.Scale);
            return true;
        }
        if (source is Source.Constant { Tensor: { Type: ElementType.Int8 or ElementType.UInt8 } tensor })
        {
            var output = graph.NewBytes(node.Output);
            graph.Add(create(graph.ConstantBytes(node.Inputs[0], tensor), output));
            graph[node.Output] = new Source.Integers(output, tensor.Type is ElementType.Int8);
            return true;
        }
        return MoveNumbers(graph, node, create);
    }

    private static bool MoveNumbers(GraphImporter graph, Node node, Func<EngineValue, EngineValue, Operation> create)
    {
        if (graph.Whole(node.Inputs[0]) is { } whole)
        {
            var output = graph.NewWhole(node.Output, whole.Type);
            graph.Add(create(whole.Value, output));
            graph[node.Output] = whole with { Value = output };
            return true;
        }
        if (!graph.HasFloats(node.Inputs[0])) return false;
        var floats = graph.NewFloats(node.Output);
        graph.Add(create(graph.Floats(node.Inputs[0]), floats));
        graph[node.Output] = new Source.Real(floats);
        return true;
    }

    /// <summary>A part for each run of places that follow each other.</summary>
    private static IEnumerable<CopyPart> GatherParts(Node node, EngineValue value, int axis, long[] indices)
    {
        var (rank, length) = (value.Shape.Length, value.Shape[axis]);
        foreach (var index in indices)
        {
            if (index < -length || index >= length)
                throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has the index {index} on an axis of {length}.");
        }
        int[] places = [.. indices.Select(index => (int)(index < 0 ? index + length : index))];
        for (int at = 0, count; at < places.Length; at += count)
        {
            for (count = 1; at + count < places.Length && places[at + count] == places[at] + count;) count++;
            var (outputStart, inputStart) = (new int[rank], new int[rank]);
            (outputStart[axis], inputStart[axis]) = (at, places[at]);
            var run = count;
            yield return new CopyPart(0, outputStart, [.. value.Shape.Select((l, a) => a == axis ? run : l)], inputStart,
                [.. Enumerable.Range(0, rank).Select(a => (a, 1))]);
        }
    }
}
