using System.Collections.Immutable;
using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Engine.Importing;

/// <summary>
/// Turns an ONNX graph into operations of the engine. Values are followed in the form they have: bytes stay bytes through
/// DequantizeLinear, and become floats only where an operator has no integer form.
/// </summary>
internal sealed partial class GraphImporter
{
    private readonly Dictionary<string, Source> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<ByteOperand, EngineValue> _floats = [];
    private readonly Dictionary<WordOperand, EngineValue> _floatsOfWords = [];
    private readonly HashSet<Node> _done = new(ReferenceEqualityComparer.Instance);
    private readonly List<Operation> _operations = [];
    private readonly List<Diagnostic> _diagnostics = [];

    private GraphImporter(Graph graph, long opset, KernelResources resources) => (Graph, Opset, Resources) = (graph, opset, resources);

    /// <summary>The graph, all shapes known.</summary>
    public Graph Graph { get; }

    /// <summary>Version of the ONNX operators.</summary>
    public long Opset { get; }

    /// <summary>Keeps what is read of constants, for whoever reads them again.</summary>
    public KernelResources Resources { get; }

    /// <summary>Imports a graph whose shapes are static.</summary>
    /// <exception cref="CaliperException">An operator, a type or an attribute is not supported; the message names it.</exception>
    public static EngineGraph Import(Graph graph, long opset, KernelResources resources)
    {
        var importer = new GraphImporter(graph, opset, resources);
        var inputs = graph.Inputs.Select(importer.ImportInput).ToArray();
        foreach (var node in graph.Nodes) importer.ImportChecked(node);
        var outputs = graph.Outputs.Select(importer.ImportOutput).ToArray();
        return new EngineGraph(importer._operations, inputs, outputs) { Diagnostics = importer._diagnostics };
    }

    /// <summary>The error that says what cannot be run, and where it can.</summary>
    public static CaliperException Unsupported(Node node, string what) => new(
        $"The int8 engine cannot run the node '{node.Name}' ({node.OpType}): {what}. "
        + "Run the model with the ONNX Runtime backend (--backend onnxruntime).");

    /// <summary>Appends an operation.</summary>
    public void Add(Operation operation) => _operations.Add(operation);

    /// <summary>What is there for a value.</summary>
    public Source this[string name]
    {
        get => _sources.TryGetValue(name, out var source) ? source
            : Graph.Constant(name) is { } tensor ? _sources[name] = new Source.Constant(tensor)
            : throw new CaliperException($"The int8 engine does not know the value '{name}'.");
        set => _sources[name] = value;
    }

    /// <summary>A constant tensor, or null; also where the value is not known yet.</summary>
    public Tensor? Constant(string name) => _sources.TryGetValue(name, out var source) ? (source as Source.Constant)?.Tensor : Graph.Constant(name);

    /// <summary>Whether the value is real numbers that exist as bytes, or constant integers.</summary>
    public bool IsQuantized(string name) => this[name] is Source.Quantized or Source.QuantizedConstant;

    /// <summary>The static shape of a value.</summary>
    public int[] ShapeOf(string name)
    {
        var shape = Find(name)?.Shape
            ?? throw new CaliperException($"The int8 engine cannot tell the shape of '{name}'; export the model with static shapes.");
        if (!shape.IsStatic)
        {
            throw new CaliperException($"The int8 engine needs static shapes, but '{name}' is {shape}; "
                + "export the model with fixed sizes, or run it with the ONNX Runtime backend (--backend onnxruntime).");
        }
        var lengths = new int[shape.Rank];
        for (var axis = 0; axis < lengths.Length; axis++)
        {
            var length = shape.Dimensions[axis].Length;
            if (length is 0 or > int.MaxValue) throw new CaliperException($"The int8 engine cannot run on the tensor '{name}' of shape {shape}.");
            lengths[axis] = (int)length;
        }
        return lengths;
    }

    /// <summary>A new tensor of bytes with the shape of an ONNX value.</summary>
    public EngineValue NewBytes(string name) => new(name, EngineType.Byte, ShapeOf(name));

    /// <summary>A new tensor of floats with the shape of an ONNX value.</summary>
    public EngineValue NewFloats(string name) => new(name, EngineType.Float, ShapeOf(name));

    /// <summary>A new tensor of whole numbers, truth values or floats with the shape of an ONNX value.</summary>
    public EngineValue NewWhole(string name, ElementType type) => new(name, EngineTypeOf(type), ShapeOf(name));

    /// <summary>The value as whole numbers or truth values, constant or not; null where it is neither.</summary>
    public Source.Whole? Whole(string name) => name.Length == 0 ? null : this[name] switch
    {
        Source.Whole whole => whole,
        Source.Constant { Tensor: { Type: ElementType.Int64 or ElementType.Int32 or ElementType.Boolean } tensor } => new Source.Whole(
            new EngineValue(name, EngineTypeOf(tensor.Type), [.. tensor.Shape.ToArray().Select(l => (int)l)]) { Constant = tensor }, tensor.Type),
        _ => null,
    };

    /// <summary>The value as floats, dequantized here if only bytes exist.</summary>
    public EngineValue Floats(string name)
    {
        switch (this[name])
        {
            case Source.Real real: return real.Value;
            case Source.Constant { Tensor: { Type: ElementType.Float32 } tensor }: return ConstantFloats(name, tensor);
            case Source.QuantizedConstant constant: return ConstantFloats(name, Dequantized(constant.Content));
            case Source.Quantized quantized:
                // The same bytes may stand for other numbers elsewhere.
                if (_floats.TryGetValue(quantized.Operand, out var known)) return known;
                var floats = new EngineValue(name, EngineType.Float, quantized.Value.Shape);
                Add(new DequantizeOperation(name, quantized.Operand, floats));
                return _floats[quantized.Operand] = floats;
            case Source.QuantizedWords { Operand: var words }:
                if (_floatsOfWords.TryGetValue(words, out var joined)) return joined;
                joined = new EngineValue(name, EngineType.Float, words.High.Shape);
                Add(new DequantizeWordsOperation(name, words, joined));
                return _floatsOfWords[words] = joined;
            default:
                throw new CaliperException($"The int8 engine needs '{name}' as float32, which it is not. "
                + "Run the model with the ONNX Runtime backend (--backend onnxruntime).");
        }
    }

    /// <summary>The floats by which a product, or a sum of products, multiplies, without <see cref="VanishingNumbers"/>.</summary>
    public EngineValue Factors(string name) => WithoutVanishing(Floats(name), nameof(Factors), VanishingNumbers.WithoutIn);

    /// <summary>The slopes of lines below zero, likewise.</summary>
    public EngineValue Slopes(string name) => WithoutVanishing(Floats(name), nameof(Slopes), VanishingNumbers.WithoutInSlopes);

    private EngineValue WithoutVanishing(EngineValue floats, string form, Func<Tensor, (Tensor, int)> reading)
    {
        if (floats.Constant is not { } tensor) return floats;
        var (others, vanishing) = Resources.Model.Once(tensor, form, () => reading(tensor));
        if (vanishing == 0) return floats;
        if (_diagnostics.All(d => d.Place != floats.Name))
        {
            _diagnostics.Add(new Diagnostic("denormal-weights", floats.Name,
                $"{vanishing} of its {tensor.Count} numbers are denormal, or would make others so, and are taken as 0.",
                "Weights this small do nothing: prune them before the model is exported."));
        }
        return new EngineValue(floats.Name, EngineType.Float, floats.Shape) { Constant = others };
    }

    /// <summary>A constant with its axes in another order.</summary>
    public Tensor Transposed(Tensor tensor, ImmutableArray<int> order) =>
        Resources.Model.Once(tensor, string.Join(',', order), () => ConstantNodes.Transpose(tensor, order));

    /// <summary>Whether <see cref="Floats"/> gives something.</summary>
    public bool HasFloats(string name) => name.Length == 0
        || this[name] is Source.Real or Source.Quantized or Source.QuantizedWords or Source.QuantizedConstant
            or Source.Constant { Tensor.Type: ElementType.Float32 };

    /// <summary>The bytes of a value that is quantized, and what they stand for; those of a constant too, where it has one
    /// scale.</summary>
    public ByteOperand? Bytes(string name) => this[name] switch
    {
        Source.Quantized q => q.Operand,
        Source.QuantizedConstant { Content: { Scales.Length: 1, Tensor.Type: ElementType.Int8 or ElementType.UInt8 } c } => new(
            ConstantBytes(name, c.Tensor), new ByteScale(c.Scales[0], (byte)(c.ZeroPoints[0] + (c.Tensor.Type is ElementType.Int8 ? 128 : 0)))),
        _ => null,
    };

    /// <summary>Constant integers as bytes of the engine.</summary>
    public EngineValue ConstantBytes(string name, Tensor tensor)
    {
        int[] shape = [.. tensor.Shape.ToArray().Select(l => (int)l)];
        return new EngineValue(name, EngineType.Byte, shape) { Constant = Resources.Model.Once(tensor, "bytes", AsBytes) };

        Tensor AsBytes()
        {
            var bytes = tensor.Bytes.ToArray();
            if (tensor.Type is ElementType.Int8) for (var i = 0; i < bytes.Length; i++) bytes[i] ^= 0x80;
            return Tensor.Of(tensor.Shape, bytes);
        }
    }

    /// <summary>Declares that a node was dealt with together with another.</summary>
    public void Done(Node node) => _done.Add(node);

    /// <summary>The only node that reads a value, or null.</summary>
    public Node? OnlyReader(string name) => Graph.HasSingleConsumer(name) ? Graph.ConsumersOf(name)[0] : null;

    private Tensor Dequantized(IntegerConstant constant) => Resources.Model.Once(constant.Tensor,
        (new SameNumbers<float>(constant.Scales), new SameNumbers<int>(constant.ZeroPoints), constant.Axis), constant.Dequantize);

    private static EngineValue ConstantFloats(string name, Tensor tensor) =>
        new(name, EngineType.Float, [.. tensor.Shape.ToArray().Select(l => (int)l)]) { Constant = tensor };

    /// <summary>Operands that are missing or of a type or rank that the operator does not have are the file's fault; shape
    /// inference lets pass what it cannot tell.</summary>
    private void ImportChecked(Node node)
    {
        try
        {
            Import(node);
        }
        catch (Exception error) when (error is IndexOutOfRangeException or ArgumentException or ArithmeticException or InvalidOperationException)
        {
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has inputs or attributes that do not fit its operator.", error);
        }
    }

    private void Import(Node node)
    {
        if (_done.Contains(node)) return;
        if (node.Inputs.Where(i => i.Length > 0).All(i => this[i] is Source.Constant) && ConstantNodes.TryFold(this, node)) return;
        if (!OperatorTable.TryImport(this, node))
            throw Unsupported(node, node.Domain.Length > 0
                ? $"it does not know the operator of the domain '{node.Domain}'" : "it does not know the operator, or not in this form");
    }

    private static EngineType EngineTypeOf(ElementType type) => type switch
    {
        ElementType.Int64 => EngineType.Int64,
        ElementType.Int32 => EngineType.Int32,
        ElementType.Boolean => EngineType.Boolean,
        _ => EngineType.Float,
    };

    private EngineValue ImportInput(Value input)
    {
        var shape = ShapeOf(input.Name);
        switch (input.Type)
        {
            case ElementType.Float32:
                var floats = new EngineValue(input.Name, EngineType.Float, shape);
                this[input.Name] = new Source.Real(floats);
                return floats;
            case ElementType.UInt8 or ElementType.Int8:
                var (fed, bytes) = (new EngineValue(input.Name, EngineType.Byte, shape), new EngineValue(input.Name, EngineType.Byte, shape));
                var isSigned = input.Type is ElementType.Int8;
                Add(CopyOperation.Whole(input.Name, fed, bytes, isSigned));
                this[input.Name] = new Source.Integers(bytes, isSigned);
                return fed;
            case ElementType.Int64 or ElementType.Int32 or ElementType.Boolean:
                var whole = NewWhole(input.Name, input.Type);
                this[input.Name] = new Source.Whole(whole, input.Type);
                return whole;
            default:
                throw new CaliperException($"The int8 engine takes inputs of float32, 8-bit and whole numbers and truth values, but "
                    + $"'{input.Name}' is {input.Type}. "
                    + "Run the model with the ONNX Runtime backend (--backend onnxruntime).");
        }
    }

    private EngineValue ImportOutput(Value output)
    {
        var (value, flips) = this[output.Name] switch
        {
            Source.Integers integers => (integers.Value, integers.IsSigned),
            Source.Whole whole => (whole.Value, false),
            Source.Constant { Tensor.Type: ElementType.Int64 or ElementType.Int32 or ElementType.Boolean } => (Whole(output.Name)!.Value, false),
            Source.Constant { Tensor.Type: ElementType.UInt8 or ElementType.Int8 } c =>
                (ConstantBytes(output.Name, c.Tensor), c.Tensor.Type is ElementType.Int8),
            _ => (Floats(output.Name), false),
        };
        var given = new EngineValue(output.Name, value.Type, value.Shape);
        Add(CopyOperation.Whole(output.Name, value, given, flips));
        return given;
    }
}
