using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Engine.Importing;

/// <summary>An operator that is said by others: its node is imported as theirs, one after the other, each with all that the engine can do
/// for it. Whatever only moves elements then moves bytes, and products are those of all layers.</summary>
internal sealed class Lowering(GraphImporter graph, Node node)
{
    // Tables are made of the node alone: a small file must not make a large one.
    private const int MostElements = 1 << 24;

    /// <summary>A constant under a name of its own.</summary>
    public string Constant(Tensor tensor)
    {
        var name = graph.FreeName($"{node.Output}/constant");
        graph[name] = new Source.Constant(tensor);
        return name;
    }

    /// <summary>Constant whole numbers of 64 bits.</summary>
    public string Numbers(params long[] numbers) => Constant(Tensor.Vector(numbers));

    /// <summary>One constant number of a type, or null where the engine has none of that type.</summary>
    public string? Number(ElementType type, long number) => type switch
    {
        ElementType.Float32 => Constant(Tensor.Scalar((float)number)),
        ElementType.Int64 => Constant(Tensor.Scalar(number)),
        ElementType.Int32 => Constant(Tensor.Scalar((int)number)),
        ElementType.Boolean => Constant(Tensor.Scalar(number != 0)),
        _ => null,
    };

    /// <summary>Numbers of any type as floats.</summary>
    public string Floats(string value) => graph.Constant(value) is { Type: not ElementType.Float32 } tensor
        ? Constant(Tensor.Of(tensor.Shape, NarrowNumbers.Of(tensor).Select(n => (float)n).ToArray()))
        : Of(Part("Cast", value).With("to", (long)ElementType.Float32));

    /// <summary>Integers of 8 bits, constant or not, as those of 32.</summary>
    public string Wide(string value) => graph.Constant(value) is { Type: ElementType.Int8 or ElementType.UInt8 } tensor
        ? Constant(Tensor.Of(tensor.Shape, NarrowNumbers.Of(tensor).Select(n => (int)n).ToArray()))
        : Of(Part("Cast", value).With("to", (long)ElementType.Int32));

    /// <summary>How many elements a table has, which are not too many.</summary>
    public int TableOf(params ReadOnlySpan<long> lengths)
    {
        var count = 1L;
        foreach (var length in lengths)
            if ((count *= Math.Max(1, Math.Min(length, MostElements + 1L))) > MostElements)
                throw GraphImporter.Unsupported(node, $"it needs a table of more than {MostElements} numbers");
        return (int)count;
    }

    /// <summary>The result of a part that is quantized at once where the node's is, since it only moves after it; and what becomes of it.</summary>
    public (string Result, string Output) Quantized(Node part)
    {
        var name = graph.FreeName($"{node.Output}/{part.OpType}");
        graph.LooksPast(name, node);
        graph.ImportPart(part with { Outputs = [name] });
        return graph.BytesOfPart(name) ?? (name, node.Output);
    }

    /// <summary>The result of another operator.</summary>
    public string Of(string opType, params string[] inputs) => Of(new Node(node.Name, opType, [.. inputs], []));

    /// <summary>The result of another node.</summary>
    public string Of(Node part)
    {
        var name = graph.FreeName($"{node.Output}/{part.OpType}");
        graph.ImportPart(part with { Outputs = [name] });
        return name;
    }

    /// <summary>A node of another operator, which is still to be said what to do.</summary>
    public Node Part(string opType, params string[] inputs) => new(node.Name, opType, [.. inputs], []);

    /// <summary>The last of the others, whose result is that of the node.</summary>
    public bool End(Node part) => End(node.Output, part);

    /// <summary>One of them whose result is an output of the node.</summary>
    public bool End(string output, Node part)
    {
        graph.ImportPart(part with { Outputs = [output] });
        return true;
    }

    /// <summary>A value in another shape.</summary>
    public string Reshaped(string value, params long[] shape) =>
        graph.ShapeOf(value).Select(l => (long)l).SequenceEqual(shape) ? value : Of("Reshape", value, Numbers(shape));

    /// <summary>A value with its axes in another order.</summary>
    public string Turned(string value, params long[] order) =>
        order.SequenceEqual(order.Order()) ? value : Of(Part("Transpose", value).With("perm", order));
}
