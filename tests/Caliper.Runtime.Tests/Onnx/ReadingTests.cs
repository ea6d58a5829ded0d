using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Google.Protobuf;
using static Caliper.Onnx.Schema.AttributeProto.Types;

namespace Caliper.Runtime.Tests.Onnx;

public class ReadingTests
{
    [Fact]
    public void A_node_without_a_name_is_named_after_its_first_output()
    {
        var proto = ProtoBuilder.Small();
        Assert.Equal(["c", "y"], proto.Read().Graph.Nodes.Select(n => n.Name));
    }

    [Fact]
    public void A_name_that_is_taken_goes_to_the_node_that_the_file_gives_it()
    {
        var proto = ProtoBuilder.Small();
        proto.Graph.Node[1].Name = "c";
        Assert.Equal(["c_2", "c"], proto.Read().Graph.Nodes.Select(n => n.Name));
    }

    [Fact]
    public void The_second_node_of_a_name_is_named_after_its_first_output()
    {
        var proto = ProtoBuilder.Small();
        proto.Graph.Node[0].Name = proto.Graph.Node[1].Name = "twin";
        Assert.Equal(["twin", "y"], proto.Read().Graph.Nodes.Select(n => n.Name));
    }

    [Fact]
    public void Nodes_in_any_order_are_put_in_order()
    {
        var proto = ProtoBuilder.Small();
        (proto.Graph.Node[0], proto.Graph.Node[1]) = (proto.Graph.Node[1], proto.Graph.Node[0]);
        Assert.Equal(["Conv", "Relu"], proto.Read().Graph.Nodes.Select(n => n.OpType));
    }

    [Fact]
    public void Values_have_types_and_shapes_with_named_axes()
    {
        var graph = ProtoBuilder.Small().Read().Graph;
        Assert.Equal("x: Float32 N×2×4×4", graph.Inputs[0].ToString());
        Assert.Equal("c: Float32 N×3×4×4", graph.Find("c")!.ToString());
        Assert.Equal("w: Float32 3×2×1×1", graph.Find("w")!.ToString());
    }

    [Fact]
    public void A_length_of_minus_one_is_an_unknown_length()
    {
        var proto = ProtoBuilder.Small();
        proto.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = -1;
        Assert.Equal("x: Float32 ?×2×4×4", proto.Read().Graph.Inputs[0].ToString());
    }

    [Fact]
    public void A_constant_node_that_holds_numbers_becomes_an_initializer()
    {
        var proto = ProtoBuilder.Small();
        var weights = proto.Graph.Initializer[0];
        proto.Graph.Initializer.RemoveAt(0);
        proto.Graph.Node.Insert(0, Constant("w", new AttributeProto
        {
            Name = "value",
            Type = AttributeType.Tensor,
            T = weights
        }));
        var graph = proto.Read().Graph;
        Assert.Equal([1, 2, 3, 4, 5, 6], graph.Constant("w")!.Span<float>().ToArray());
        Assert.DoesNotContain(graph.Nodes, n => n.OpType == "Constant");
    }

    [Fact]
    public void Constants_in_short_form_become_initializers()
    {
        var graph = new GraphProto { Output = { ProtoBuilder.Value("y", ElementType.Float32) } };
        graph.Node.Add(Constant("i", new AttributeProto { Name = "value_int", Type = AttributeType.Int, I = 7 }));
        graph.Node.Add(Constant("f", new AttributeProto { Name = "value_float", Type = AttributeType.Float, F = 0.5f }));
        graph.Node.Add(Constant("is", ProtoBuilder.Ints("value_ints", 1, 2)));
        graph.Node.Add(Constant("fs", new AttributeProto
        {
            Name = "value_floats",
            Type = AttributeType.Floats,
            Floats = { 1, 2 }
        }));
        graph.Node.Add(ProtoBuilder.Node("Any", ["i", "f", "is", "fs"], ["y"]));
        var initializers = ProtoBuilder.Model(graph).Read().Graph.Initializers;
        Assert.Equal([7L], initializers["i"].Span<long>().ToArray());
        Assert.Equal([0.5f], initializers["f"].Span<float>().ToArray());
        Assert.Equal([1L, 2L], initializers["is"].Span<long>().ToArray());
        Assert.Equal([1f, 2f], initializers["fs"].Span<float>().ToArray());
        Assert.Equal((Shape.Scalar, Shape.Of(2)), (initializers["i"].Shape, initializers["fs"].Shape));
    }

    [Fact]
    public void A_constant_that_is_an_output_stays_a_node()
    {
        var graph = new GraphProto { Output = { ProtoBuilder.Value("y", ElementType.Int64) } };
        graph.Node.Add(Constant("y", new AttributeProto { Name = "value_int", Type = AttributeType.Int, I = 7 }));
        Assert.Equal("Constant", Assert.Single(ProtoBuilder.Model(graph).Read().Graph.Nodes).OpType);
    }

    [Fact]
    public void An_initializer_of_text_becomes_a_constant_node()
    {
        var proto = ProtoBuilder.Small();
        var text = new TensorProto
        {
            Name = "t",
            DataType = (int)ElementType.String,
            Dims = { 1 },
            StringData = { ByteString.CopyFromUtf8("zebra") }
        };
        proto.Graph.Initializer.Add(text);
        proto.Graph.Node.Add(ProtoBuilder.Node("LabelOf", ["t", "c"], ["l"]));
        Assert.Equal("Constant", proto.Read().Graph.ProducerOf("t")!.OpType);
        Assert.Equal(text, proto.Rewritten().Graph.Node.Single(n => n.Output[0] == "t").Attribute[0].T);
    }

    [Fact]
    public void A_sparse_initializer_becomes_a_constant_node()
    {
        var proto = ProtoBuilder.Small();
        var sparse = new SparseTensorProto { Values = ProtoBuilder.Floats("s", [1], [5]), Dims = { 9 } };
        proto.Graph.SparseInitializer.Add(sparse);
        proto.Graph.Node.Add(ProtoBuilder.Node("Any", ["s"], ["z"]));
        Assert.Equal(sparse, proto.Rewritten().Graph.Node.Single(n => n.Output[0] == "s").Attribute[0].SparseTensor);
    }

    [Fact]
    public void A_weight_that_is_listed_as_input_is_no_input_and_is_listed_again_where_the_format_asks_for_it()
    {
        var proto = ProtoBuilder.Small();
        proto.IrVersion = 3;
        proto.Graph.Input.Add(ProtoBuilder.Value("w", ElementType.Float32, 3, 2, 1, 1));
        proto.Graph.Input.Add(ProtoBuilder.Value("b", ElementType.Float32, 3));
        Assert.Equal(["x"], proto.Read().Graph.Inputs.Select(i => i.Name));
        Assert.Equal(["x", "b", "w"], proto.Rewritten().Graph.Input.Select(i => i.Name));
    }

    [Fact]
    public void A_body_says_what_it_reads_from_around_it_and_what_it_reads_stays()
    {
        var inner = new GraphProto { Output = { ProtoBuilder.Value("z", ElementType.Float32) } };
        inner.Node.Add(ProtoBuilder.Node("Add", ["t", "b"], ["z"]));
        var body = new GraphProto
        {
            Output = { ProtoBuilder.Value("t", ElementType.Float32),
            ProtoBuilder.Value("x", ElementType.Float32) }
        };
        body.Initializer.Add(ProtoBuilder.Floats("own", [1], [1]));
        body.Node.Add(ProtoBuilder.Node("Mul", ["c", "own"], ["t"]));
        body.Node.Add(ProtoBuilder.Node("If", ["t"], ["u"], ProtoBuilder.Graph("then_branch", inner)));
        var proto = ProtoBuilder.Small();
        proto.Graph.Node[0].Input.RemoveAt(2);
        proto.Graph.Node[1] = ProtoBuilder.Node("If", ["c"], ["y"], ProtoBuilder.Graph("then_branch", body));

        var graph = proto.Read().Graph;
        Assert.Equal(["c", "b", "x"], ((AttributeValue.Subgraph)graph.Nodes[1].Attributes["then_branch"]).Captured);
        Assert.Contains("b", graph.With().Initializers.Keys);
        Assert.Equal(body, proto.Rewritten().Graph.Node[1].Attribute[0].G);
    }

    [Theory]
    [InlineData("ai.onnx", "")]
    [InlineData("com.example", "com.example")]
    public void The_standards_own_domain_has_one_spelling(string written, string read)
    {
        var proto = ProtoBuilder.Small();
        proto.OpsetImport.Clear();
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 13 });
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.example", Version = 1 });
        proto.Graph.Node[1].Domain = written;
        Assert.Equal(read, proto.Read().Graph.Nodes[1].Domain);
        Assert.Equal(13, proto.Read().Opset);
    }

    private static NodeProto Constant(string output, AttributeProto value) => ProtoBuilder.Node("Constant", [], [output], value);
}
