using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Caliper.Onnx.Upgrades;
using Google.Protobuf;
using static Caliper.Onnx.Schema.AttributeProto.Types;

namespace Caliper.Conformance.Onnx;

/// <summary>A model without its functions against the model with them, both in ONNX Runtime; and the flow over them.</summary>
public class FunctionInliningTests
{
    [Theory]
    [InlineData(12, 12)]
    [InlineData(11, 11)]
    [InlineData(17, 17)]
    [InlineData(13, 18)]
    [InlineData(17, 13)]
    public void A_function_with_an_attribute_a_default_and_a_constant(long opset, long own)
    {
        var function = Function("Scaled", own, ["a"], ["b"], ["slope"],
            Node("Constant", [], ["two"], Value(2)),
            Node("LeakyRelu", ["a"], ["l"], new AttributeProto { Name = "alpha", RefAttrName = "slope", Type = AttributeType.Float }),
            Node("Elu", ["a"], ["e"], new AttributeProto { Name = "alpha", RefAttrName = "bend", Type = AttributeType.Float }),
            Node("Mul", ["l", "two"], ["m"]), Node("Add", ["m", "e"], ["b"]));
        function.AttributeProto.Add(new AttributeProto { Name = "bend", F = 0.5f, Type = AttributeType.Float });
        // The same function twice, with values called as inside of it.
        AssertSame(opset, [function], Call("Scaled", ["x"], ["m"], ("slope", 0.1f)),
            Call("Scaled", ["m"], ["y"], ("slope", 0.3f), ("bend", 2f)));
    }

    [Fact]
    public void A_function_of_an_older_operator_version_is_raised_with_its_caller()
    {
        var function = Function("Reduced", 11, ["a"], ["b"], [],
            Node("ReduceSum", ["a"], ["s"], new AttributeProto { Name = "axes", Ints = { 1 }, Type = AttributeType.Ints },
                new AttributeProto { Name = "keepdims", I = 0, Type = AttributeType.Int }),
            Node("Unsqueeze", ["s"], ["u"], new AttributeProto { Name = "axes", Ints = { 1 }, Type = AttributeType.Ints }),
            Node("Add", ["a", "u"], ["b"]));
        AssertSame(11, [function], Call("Reduced", ["x"], ["y"]));
    }

    [Fact]
    public void Functions_that_call_functions_and_leave_inputs_and_outputs_out()
    {
        var inner = Function("Bounded", 13, ["a", "low", "high"], ["b"], [], Node("Clip", ["a", "low", "high"], ["b"]));
        var outer = Function("Twice", 13, ["x"], ["y", "unused"], [], Node("Constant", [], ["c"], Value(0.5f)),
            Call("Bounded", ["x", "", "c"], ["t"]), Node("Add", ["t", "x"], ["y"]), Node("Neg", ["y"], ["unused"]));
        // ONNX Runtime itself takes no function with an input left out.
        AssertGives(x => MathF.Min(x, 0.5f) + x, [outer, inner], Call("Twice", ["x"], ["y"]));
    }

    [Fact]
    public void A_function_that_hands_an_input_through()
    {
        var function = Function("Same", 13, ["a"], ["a", "b"], [], Node("Neg", ["a"], ["b"]));
        AssertGives(x => 2 * x, [function], Call("Same", ["x"], ["b", "n"]), Node("Sub", ["b", "n"], ["y"]));
    }

    [Fact]
    public void A_body_in_a_function_and_a_call_in_a_body()
    {
        GraphProto Branch(params NodeProto[] nodes)
        {
            var graph = new GraphProto { Name = "branch", Output = { new ValueInfoProto { Name = nodes[^1].Output[0], Type = Floats() } } };
            graph.Node.AddRange(nodes);
            return graph;
        }
        var function = Function("Chosen", 13, ["a"], ["b"], [],
            Node("ReduceMax", ["a"], ["most"], new AttributeProto { Name = "keepdims", I = 0, Type = AttributeType.Int }),
            Node("Cast", ["most"], ["flag"], new AttributeProto { Name = "to", I = (int)ElementType.Boolean, Type = AttributeType.Int }),
            Node("If", ["flag"], ["b"],
                new AttributeProto { Name = "then_branch", G = Branch(Call("Half", ["a"], ["then"])), Type = AttributeType.Graph },
                new AttributeProto { Name = "else_branch", G = Branch(Node("Neg", ["a"], ["else"])), Type = AttributeType.Graph }));
        var half = Function("Half", 13, ["a"], ["b"], [], Node("Add", ["a", "a"], ["s"]), Node("Mul", ["s", "a"], ["b"]));
        AssertSame(13, [function, half], Call("Chosen", ["x"], ["y"]));
    }

    [Fact]
    public void Functions_without_end_are_refused()
    {
        var (a, b) = (Function("A", 13, ["a"], ["b"], [], Call("B", ["a"], ["b"])), Function("B", 13, ["a"], ["b"], [], Call("A", ["a"], ["b"])));
        var model = OnnxFile.Read(Model(13, [a, b], Call("A", ["x"], ["y"])).ToByteArray());
        Assert.Contains("without end", Assert.Throws<CaliperException>(() => FunctionInlining.Inline(model)).Message);
        FunctionProto[] tens = [.. Enumerable.Range(0, 9).Select(i => Function($"F{i}", 13, ["a"], ["b"], [],
            [.. Enumerable.Range(0, 10).Select(j => i == 0 ? Node("Relu", [j == 0 ? "a" : $"t{j - 1}"], [j == 9 ? "b" : $"t{j}"])
                : Call($"F{i - 1}", [j == 0 ? "a" : $"t{j - 1}"], [j == 9 ? "b" : $"t{j}"]))]))];
        model = OnnxFile.Read(Model(13, tens, Call("F8", ["x"], ["y"])).ToByteArray());
        Assert.Throws<CaliperException>(() => FunctionInlining.Inline(model));
    }

    private static void AssertGives(Func<float, float> expected, FunctionProto[] functions, params NodeProto[] nodes)
    {
        using var plain = new FloatModel(FunctionInlining.Inline(OnnxFile.Read(Model(13, functions, nodes).ToByteArray())));
        var x = Tensor.Of(Shape.Of(2, 6), Enumerable.Range(0, 12).Select(i => i / 4f - 1).ToArray());
        var y = plain.Run(new Dictionary<string, Tensor> { ["x"] = x })["y"];
        Assert.Equal(x.Span<float>().ToArray().Select(expected), y.Span<float>().ToArray());
    }

    private static void AssertSame(long opset, FunctionProto[] functions, params NodeProto[] nodes)
    {
        using var original = new FloatModel(OnnxFile.Read(Model(opset, functions, nodes).ToByteArray()));
        var inlined = FunctionInlining.Inline(OpsetUpgrade.To(FunctionInlining.Inline(original.Model), 13));
        Assert.DoesNotContain(inlined.Graph.Nodes, n => n.Domain == "own");
        Assert.False(inlined.Opsets.ContainsKey("own"));
        Assert.True(inlined.Uninterpreted.IsEmpty);
        using var plain = new FloatModel(inlined);
        using var fused = original.Fuse();
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 12).Select(_ => random.NextSingle() * 4 - 2)];
        var x = new Dictionary<string, Tensor> { ["x"] = Tensor.Of(Shape.Of(2, 6), values) };
        var expected = original.Run(x)["y"].Span<float>().ToArray();
        Assert.Equal(expected, plain.Run(x)["y"].Span<float>().ToArray());
        Assert.Equal(expected, fused.Run(x)["y"].Span<float>().ToArray());
    }

    private static ModelProto Model(long opset, FunctionProto[] functions, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "g", Input = { new ValueInfoProto { Name = "x", Type = Floats(2, 6) } } };
        graph.Output.Add(new ValueInfoProto { Name = "y", Type = Floats(2, 6) });
        graph.Node.AddRange(nodes);
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        model.Functions.AddRange(functions);
        return model;
    }

    private static FunctionProto Function(string name, long opset, string[] inputs, string[] outputs, string[] attributes, params NodeProto[] nodes)
    {
        var function = new FunctionProto { Name = name, Domain = "own", OpsetImport = { new OperatorSetIdProto { Version = opset } } };
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        function.Input.AddRange(inputs);
        function.Output.AddRange(outputs);
        function.Attribute.AddRange(attributes);
        function.Node.AddRange(nodes);
        return function;
    }

    private static NodeProto Node(string opType, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = opType };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes);
        return node;
    }

    private static AttributeProto Value(float value) => new()
    {
        Name = "value",
        T = new TensorProto { DataType = (int)ElementType.Float32, FloatData = { value } },
        Type = AttributeType.Tensor,
    };

    private static NodeProto Call(string function, string[] inputs, string[] outputs, params (string Name, float Value)[] attributes)
    {
        var node = Node(function, inputs, outputs,
            [.. attributes.Select(a => new AttributeProto { Name = a.Name, F = a.Value, Type = AttributeType.Float })]);
        node.Domain = "own";
        return node;
    }

    private static TypeProto Floats(params long[] lengths)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = 1 };
        if (lengths.Length > 0) tensor.Shape = new TensorShapeProto();
        tensor.Shape?.Dim.AddRange(lengths.Select(l => new TensorShapeProto.Types.Dimension { DimValue = l }));
        return new TypeProto { TensorType = tensor };
    }
}
