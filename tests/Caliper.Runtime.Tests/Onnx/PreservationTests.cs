using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Google.Protobuf;
using static Caliper.Onnx.Schema.AttributeProto.Types;

namespace Caliper.Runtime.Tests.Onnx;

/// <summary>What Caliper does not interpret comes out of reading and writing as it went in.</summary>
public class PreservationTests
{
    [Fact]
    public void The_description_of_a_model()
    {
        var proto = ProtoBuilder.Small();
        (proto.ProducerVersion, proto.Domain, proto.ModelVersion, proto.DocString) = ("1.2", "org.example", 3, "words");
        proto.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        proto.Graph.DocString = "more words";
        proto.Graph.MetadataProps.Add(new StringStringEntryProto { Key = "g", Value = "h" });
        var back = proto.Rewritten();
        proto.Graph.Node.Clear();
        proto.Graph.Initializer.Clear();
        back.Graph.Node.Clear();
        back.Graph.Initializer.Clear();
        Assert.Equal(proto, back);
    }

    [Fact]
    public void Functions_and_training_information()
    {
        var proto = ProtoBuilder.Small();
        proto.Functions.Add(new FunctionProto
        {
            Name = "F",
            Domain = "local",
            Node = { ProtoBuilder.Node("Relu", ["a"], ["b"]) }
        });
        proto.TrainingInfo.Add(new TrainingInfoProto { Algorithm = new GraphProto { Name = "step" } });
        var back = proto.Rewritten();
        Assert.Equal(proto.Functions, back.Functions);
        Assert.Equal(proto.TrainingInfo, back.TrainingInfo);
    }

    [Fact]
    public void Fields_of_a_later_standard()
    {
        // Field 26, a message: the multi-device configuration of a model; field 10 of a node belongs to it.
        var model = ModelProto.Parser.ParseFrom([.. ProtoBuilder.Small().ToByteArray(), 0xD2, 0x01, 0x03, 0x0A, 0x01, 0x41]);
        model.Graph.Node[0] = NodeProto.Parser.ParseFrom([.. model.Graph.Node[0].ToByteArray(), 0x52, 0x03, 0x0A, 0x01, 0x41]);
        var back = model.Rewritten();
        Assert.Equal(back.ToByteArray(), back.Rewritten().ToByteArray());
        Assert.EndsWith("D201030A0141", Convert.ToHexString(back.ToByteArray()), StringComparison.Ordinal);
        Assert.EndsWith("52030A0141", Convert.ToHexString(back.Graph.Node[0].ToByteArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void What_belongs_to_a_node_besides_its_operation()
    {
        var proto = ProtoBuilder.Small();
        var node = proto.Graph.Node[1];
        (node.Name, node.DocString, node.Overload) = ("n", "words", "second");
        node.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        Assert.Equal(node, proto.Rewritten().Graph.Node[1]);
    }

    public static TheoryData<string> Attributes => new(AttributeExamples.Keys);

    [Theory]
    [MemberData(nameof(Attributes))]
    public void An_attribute_of_every_kind(string kind)
    {
        var proto = ProtoBuilder.Small();
        var attribute = AttributeExamples[kind];
        attribute.Name = "a";
        proto.Graph.Node[1].Attribute.Add(attribute);
        Assert.Equal(attribute, Assert.Single(proto.Rewritten().Graph.Node[1].Attribute));
    }

    [Fact]
    public void An_attribute_that_does_not_say_its_kind_gets_it()
    {
        var proto = ProtoBuilder.Small();
        proto.Graph.Node[1].Attribute.Add(new AttributeProto { Name = "alpha", F = 2 });
        Assert.Equal(2f, proto.Read().Graph.Nodes[1].Float("alpha", 0));
        Assert.Equal(AttributeType.Float, proto.Rewritten().Graph.Node[1].Attribute[0].Type);
    }

    [Fact]
    public void A_value_that_is_no_tensor()
    {
        var proto = ProtoBuilder.Small();
        var sequence = new ValueInfoProto
        {
            Name = "s",
            DocString = "words",
            Type = new TypeProto { SequenceType = new() { ElemType = new TypeProto { TensorType = new() { ElemType = 1 } } } },
        };
        proto.Graph.Input.Add(sequence);
        Assert.Equal(ElementType.Undefined, proto.Read().Graph.Inputs[1].Type);
        Assert.Equal(sequence, proto.Rewritten().Graph.Input[1]);
    }

    [Fact]
    public void What_the_axes_of_a_value_stand_for_while_lengths_change()
    {
        var proto = ProtoBuilder.Small();
        proto.Graph.Input[0].Type.Denotation = "IMAGE";
        proto.Graph.Input[0].Type.TensorType.Shape.Dim[0].Denotation = "DATA_BATCH";
        var input = proto.Read().Graph.Inputs[0];
        Assert.Equal(proto.Graph.Input[0], ValueFormat.Write(input));

        var fixedBatch = ValueFormat.Write(input with { Shape = input.Shape!.Value.With(0, 5) });
        Assert.Equal("IMAGE", fixedBatch.Type.Denotation);
        Assert.Equal(("DATA_BATCH", 5), (fixedBatch.Type.TensorType.Shape.Dim[0].Denotation,
            fixedBatch.Type.TensorType.Shape.Dim[0].DimValue));
    }

    [Fact]
    public void What_a_file_says_of_quantization_where_it_still_holds()
    {
        var proto = ProtoBuilder.Small();
        proto.Graph.QuantizationAnnotation.Add(Annotation("x", "b"));
        proto.Graph.QuantizationAnnotation.Add(Annotation("gone", "b"));
        proto.Graph.QuantizationAnnotation.Add(Annotation("y", "gone"));
        Assert.Equal("x", Assert.Single(proto.Rewritten().Graph.QuantizationAnnotation).TensorName);
    }

    private static TensorAnnotation Annotation(string tensor, string scale) => new()
    {
        TensorName = tensor,
        QuantParameterTensorNames = { new StringStringEntryProto { Key = "SCALE_TENSOR", Value = scale } },
    };

    private static Dictionary<string, AttributeProto> AttributeExamples => new()
    {
        ["int"] = new() { Type = AttributeType.Int, I = -1 },
        ["float"] = new() { Type = AttributeType.Float, F = 0 },
        ["text"] = new() { Type = AttributeType.String, S = ByteString.CopyFromUtf8("grün") },
        ["bytes that are no text"] = new() { Type = AttributeType.String, S = ByteString.CopyFrom(0xFF, 0xFE) },
        ["ints"] = new() { Type = AttributeType.Ints, Ints = { 1, 2 } },
        ["no ints"] = new() { Type = AttributeType.Ints },
        ["floats"] = new() { Type = AttributeType.Floats, Floats = { 1, 2 } },
        ["texts"] = new() { Type = AttributeType.Strings, Strings = { ByteString.CopyFromUtf8("a") } },
        ["tensor"] = new()
        {
            Type = AttributeType.Tensor,
            T = new()
            {
                DataType = 3,
                Dims = { 1 },
                RawData = ByteString.CopyFrom(9)
            }
        },
        ["tensor of text"] = new()
        {
            Type = AttributeType.Tensor,
            T = new() { DataType = 8, Dims = { 1 }, StringData = { ByteString.Empty } }
        },
        ["tensors"] = new() { Type = AttributeType.Tensors, Tensors = { ProtoBuilder.Floats("t", [1], [1]) } },
        ["graph"] = new() { Type = AttributeType.Graph, G = new GraphProto { Name = "g" } },
        ["graphs"] = new() { Type = AttributeType.Graphs, Graphs = { new GraphProto { Name = "g" } } },
        ["sparse tensor"] = new() { Type = AttributeType.SparseTensor, SparseTensor = new() { Dims = { 1 } } },
        ["sparse tensors"] = new()
        {
            Type = AttributeType.SparseTensors,
            SparseTensors = { new SparseTensorProto { Dims = { 1 } } }
        },
        ["type"] = new() { Type = AttributeType.TypeProto, Tp = new() { Denotation = "d" } },
        ["types"] = new() { Type = AttributeType.TypeProtos, TypeProtos = { new TypeProto { Denotation = "d" } } },
        ["reference"] = new() { Type = AttributeType.Int, RefAttrName = "outer" },
    };
}
