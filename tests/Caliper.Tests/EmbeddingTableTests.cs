using Caliper.Analysis.Matching;
using Caliper.Conversion;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Preparation;
using Caliper.Testing;

namespace Caliper.Tests;

public class EmbeddingTableTests
{
    private const int Tokens = 300, Width = 32;

    public static TheoryData<QuantizedFormat> Formats => [QuantizedFormat.Qdq, QuantizedFormat.QOperator];

    [Theory, MemberData(nameof(Formats))]
    public void A_table_is_stored_in_int8_with_a_scale_for_each_row(QuantizedFormat format)
    {
        using var model = Encoder();
        using var quantized = Convert(model, format);
        var graph = quantized.Model.Graph;
        Assert.DoesNotContain(graph.Initializers.Values, t => t.Type is ElementType.Float32 && t.Count > Tokens);
        var rows = Assert.Single(graph.Nodes, n => n.Is("Gather") && graph.Constant(n.Inputs[0])!.Type is ElementType.Int8);
        var (table, scales) = (model.Model.Graph.Constant("table")!, graph.Constant("table_scale")!);
        Assert.Equal(Shape.Of(Tokens, 1), scales.Shape);
        Assert.Equal(table.Shape, graph.Constant(rows.Inputs[0])!.Shape);
        var integers = graph.Constant(rows.Inputs[0])!.Span<sbyte>();
        var floats = table.Span<float>();
        var steps = scales.Span<float>();
        for (var i = 0; i < integers.Length; i++)
            Assert.InRange(MathF.Abs(floats[i] - integers[i] * steps[i / Width]) / steps[i / Width], 0, 0.5f + 1e-4f);
    }

    [Theory, MemberData(nameof(Formats))]
    public void Engine_and_OnnxRuntime_choose_the_same_rows(QuantizedFormat format)
    {
        using var model = Encoder();
        using var quantized = Convert(model, format);
        using var elsewhere = new QuantizedModel(quantized.Model, [], new ExecutionOptions { Int8Backend = OnnxRuntimeBackend.Instance });
        using var engine = new QuantizedModel(quantized.Model, [], new ExecutionOptions { Int8Backend = new CaliperBackend() });
        foreach (var length in new[] { 1, 5, 9 })
        {
            var ids = Ids(2, length);
            var (floats, expected, actual) = (model.Run(ids)["rows"], elsewhere.Run(ids)["rows"], engine.Run(ids)["rows"]);
            Assert.Equal(expected.Span<float>(), actual.Span<float>());
            Assert.True(Closeness.Decibels(floats, actual) > Tolerances.Int8Decibels);
        }
    }

    [Fact]
    public void What_it_saves_is_in_the_plan()
    {
        using var model = Encoder();
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        var plan = prepared.Plan.Layers.Single(l => l.Layer.OpType == "Gather");
        Assert.Equal((true, false, null), (plan.HasInt8Table, plan.IsInteger, plan.Diagnostic));
        var cost = PlanCost.Of(prepared).Layers.Single(l => l.Plan == plan);
        Assert.Equal((Tokens * Width * 4, Tokens * (Width + 5)), (cost.FloatBytes, cost.Int8Bytes));
    }

    [Fact]
    public void Its_rounding_is_known_to_those_who_compare()
    {
        using var model = Encoder();
        using var fused = model.Fuse();
        using var quantized = Convert(model, QuantizedFormat.Qdq);
        var matched = Correspondence.Of(fused, quantized.Model.Graph);
        Assert.Contains(matched.Weights, w => w.Initializer == "table" && w.Parameters.Axis == 0);
        Assert.Empty(matched.Unmatched);
    }

    [Theory]
    [InlineData(40, 0f, "")]
    [InlineData(Tokens, float.NegativeInfinity, "")]
    [InlineData(Tokens, 0f, "table")]
    public void A_small_table_an_infinite_one_and_one_that_is_returned_stay_float(int tokens, float first, string alsoReturned)
    {
        using var model = Encoder(tokens, first, alsoReturned);
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        Assert.All(prepared.Plan.Layers, l => Assert.False(l.HasInt8Table));
    }

    [Fact]
    public void An_excluded_table_stays_float()
    {
        using var model = Encoder();
        using var prepared = model.Fuse().Prepare(new QConfigMapping(QConfig.Default).SetOperatorType("Gather", null));
        Assert.All(prepared.Plan.Layers, l => Assert.False(l.HasInt8Table));
    }

    private static FloatModel Encoder(int tokens = Tokens, float first = 0, string alsoReturned = "")
    {
        var table = new TestModel(2).RandomTensor(Shape.Of(tokens, Width), 0.1f).Span<float>().ToArray();
        table[0] = first;
        var model = new TestModel().Input(ElementType.Int64, "ids", -1, -2).Constant("table", Tensor.Of(Shape.Of(tokens, Width), table))
            .Node("Gather", "table ids", "rows").Weights("w", 0.3f, Width, 8).Node("MatMul", "rows w", "y").Output("y").Output("rows");
        return (alsoReturned.Length > 0 ? model.Output(alsoReturned) : model).Build();
    }

    private static QuantizedModel Convert(FloatModel model, QuantizedFormat format)
    {
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        prepared.Run(Ids(4, 8));
        return prepared.Convert(new ConvertOptions { Format = format });
    }

    private static Dictionary<string, Tensor> Ids(int samples, int length) => new()
    {
        ["ids"] = Tensor.Of(Shape.Of(samples, length), Enumerable.Range(0, samples * length).Select(i => i * 37L % Tokens).ToArray()),
    };
}
