using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Google.Protobuf;
using static Caliper.Onnx.Schema.AttributeProto.Types;

namespace Caliper.Runtime.Tests.Onnx;

/// <summary>Short forms for files as other tools write them.</summary>
internal static class ProtoBuilder
{
    /// <summary>x → Conv(w, b) → Relu → y, with a free batch.</summary>
    public static ModelProto Small()
    {
        var graph = new GraphProto { Name = "small" };
        graph.Input.Add(Value("x", ElementType.Float32, -1, 2, 4, 4));
        graph.Output.Add(Value("y", ElementType.Float32, -1, 3, 4, 4));
        graph.ValueInfo.Add(Value("c", ElementType.Float32, -1, 3, 4, 4));
        graph.Initializer.Add(Floats("w", [3, 2, 1, 1], [1, 2, 3, 4, 5, 6]));
        graph.Initializer.Add(Floats("b", [3], [1, 2, 3]));
        graph.Node.Add(Node("Conv", ["x", "w", "b"], ["c"], Ints("kernel_shape", 1, 1)));
        graph.Node.Add(Node("Relu", ["c"], ["y"]));
        return Model(graph);
    }

    /// <summary>A bit of everything that a file can hold.</summary>
    public static ModelProto Rich()
    {
        var model = Small();
        var graph = model.Graph;
        var body = new GraphProto { Output = { Value("t", ElementType.Float32) } };
        body.Node.Add(Node("Add", ["c", "w"], ["t"]));
        graph.Node.Add(Node("If", ["c"], ["i"], Graph("then_branch", body), Graph("else_branch", body)));
        graph.Node.Add(Node("Constant", [], ["k"], Ints("value_ints", 1, 2)));
        graph.Node.Add(Node("Any", ["k", "text", "s", "four", "away"], ["z"],
            new AttributeProto { Name = "a", Tp = new TypeProto { Denotation = "d" } }));
        graph.Initializer.Add(new TensorProto
        {
            Name = "text",
            DataType = 8,
            Dims = { 1 },
            StringData = { ByteString.CopyFromUtf8("zebra") }
        });
        graph.Initializer.Add(new TensorProto
        {
            Name = "four",
            DataType = (int)ElementType.Int4,
            Dims = { 3 },
            Int32Data = { 0x21, 0x03 }
        });
        graph.Initializer.Add(new TensorProto
        {
            Name = "away",
            DataType = 1,
            Dims = { 0 },
            DataLocation = TensorProto.Types.DataLocation.External,
            ExternalData = { new StringStringEntryProto { Key = "location", Value = "weights" } },
        });
        graph.SparseInitializer.Add(new SparseTensorProto { Values = Floats("s", [1], [5]), Dims = { 9 } });
        var floats = new TypeProto { TensorType = new() { ElemType = 1 } };
        graph.Input.Add(new ValueInfoProto { Name = "q", Type = new TypeProto { SequenceType = new() { ElemType = floats } } });
        graph.QuantizationAnnotation.Add(new TensorAnnotation
        {
            TensorName = "x",
            QuantParameterTensorNames = { new StringStringEntryProto { Key = "SCALE_TENSOR", Value = "b" } }
        });
        model.Functions.Add(new FunctionProto { Name = "F", Domain = "local", Node = { Node("Relu", ["a"], ["b"]) } });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        return model;
    }

    public static ModelProto Model(GraphProto graph, long opset = 13, long ir = 8) => new()
    {
        IrVersion = ir,
        ProducerName = "test",
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } },
        Graph = graph,
    };

    public static NodeProto Node(string opType, string[] inputs, string[] outputs, params AttributeProto[] attributes) => new()
    {
        OpType = opType,
        Input = { inputs },
        Output = { outputs },
        Attribute = { attributes },
    };

    /// <summary>A value; a length of -1 is free.</summary>
    public static ValueInfoProto Value(string name, ElementType type, params long[] lengths)
    {
        var shape = new TensorShapeProto();
        foreach (var length in lengths)
            shape.Dim.Add(length < 0 ? new TensorShapeProto.Types.Dimension { DimParam = "N" } : new() { DimValue = length });
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    public static TensorProto Floats(string name, long[] lengths, float[] elements) => new()
    {
        Name = name,
        DataType = (int)ElementType.Float32,
        Dims = { lengths },
        FloatData = { elements },
    };

    public static AttributeProto Ints(string name, params long[] values) =>
        new() { Name = name, Type = AttributeType.Ints, Ints = { values } };

    public static AttributeProto Graph(string name, GraphProto value) =>
        new() { Name = name, Type = AttributeType.Graph, G = value };

    public static Model Read(this ModelProto proto, string? folder = null) =>
        OnnxFile.Read(proto.ToByteArray(), "test.onnx", folder);

    /// <summary>What the file says after reading and writing it.</summary>
    public static ModelProto Rewritten(this ModelProto proto) => ModelProto.Parser.ParseFrom(OnnxFile.ToBytes(proto.Read()));
}
