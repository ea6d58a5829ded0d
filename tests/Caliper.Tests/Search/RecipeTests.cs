using Caliper.Conversion;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Preparation;

namespace Caliper.Tests.Search;

/// <summary>What a recipe says is what the int8 network has.</summary>
public class RecipeTests
{
    private const string Wide = "a.relu", NarrowLayer = "b";

    public static TheoryData<QuantizedFormat> Formats => [QuantizedFormat.Qdq, QuantizedFormat.QOperator];

    [Fact]
    public void A_recipe_is_read_as_it_is_written()
    {
        var recipe = Of((Wide, 16), (NarrowLayer, 32));
        recipe = recipe with { Activations = recipe.Activations.Add("sum", new(16) { ProductBits = 8 }) };
        var read = Recipe.FromJson(recipe.ToJson());
        Assert.Equal(recipe.Activations.ToArray(), read.Activations.ToArray());
        Assert.Equal(recipe.Weights.ToArray(), read.Weights.ToArray());
    }

    [Theory]
    [InlineData("[]", "must be an object")]
    [InlineData("{\"activation\": {}}", "\"activation\" is not known")]
    [InlineData("{\"activations\": {\"t\": {}}}", "\"activations\": \"t\": the key \"bits\" is missing")]
    [InlineData("{\"activations\": {\"t\": {\"bits\": 12}}}", "\"t\": \"bits\" must be 8, 16 or 32, not 12")]
    [InlineData("{\"activations\": {\"t\": {\"bits\": 8, \"product_bits\": 16}}}", "\"t\": \"product_bits\" must be 8, not 16")]
    [InlineData("{\"activations\": {\"t\": {\"bits\": 16, \"product_bits\": 4}}}", "\"t\": \"product_bits\" must be 8 or 16, not 4")]
    [InlineData("{\"weights\": {\"l\": {\"bits\": 32, \"product_bits\": 8}}}", "\"product_bits\" is not known")]
    [InlineData("{\"weights\": {\"l\": {\"bits\": 16}}}", "\"l\": \"bits\" must be 8 or 32, not 16")]
    [InlineData("{\"weights\": {\"l\": {\"bits\": 32, \"gain\": 1}}}", "\"gain\" is not known")]
    [InlineData("{\"equalization\": {\"divided\": {\"t\": 1}}}", "\"divided\": \"t\" must be a list, not 1")]
    [InlineData("{\"equalization\": {\"divided\": {\"t\": [0, 0.5]}}}", "\"t\"[1] must be an integer, not 0.5")]
    [InlineData("{\"equalization\": {\"divided\": {\"t\": [9]}}}", "\"t\" must be exponents between -6 and 6, not [9]")]
    [InlineData("{\"equalization\": {\"undone\": {\"t\": 3}}}", "\"undone\": \"t\" must be text, not 3")]
    public void What_is_wrong_in_a_recipe_is_named(string json, string message) =>
        Assert.Contains(message, Assert.Throws<CaliperException>(() => Recipe.FromJson(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_recipe_of_another_network_is_refused()
    {
        var (_, prepared, _) = Chain();
        var tensor = Assert.Throws<CaliperException>(() => prepared.Convert(new() { Recipe = Of(("stranger", 16)) }));
        Assert.Contains("'stranger'", tensor.Message, StringComparison.Ordinal);
        var layer = Assert.Throws<CaliperException>(() => prepared.Convert(new() { Recipe = Of(("sum", 32)) }));
        Assert.Contains("'sum'", layer.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Formats))]
    public void Without_choices_every_byte_is_as_without_a_recipe(QuantizedFormat format)
    {
        var (_, prepared, _) = Chain();
        var plain = OnnxFile.ToBytes(prepared.Convert(new() { Format = format }).Model);
        Assert.Equal(plain, OnnxFile.ToBytes(prepared.Convert(new() { Format = format, Recipe = Recipe.Empty }).Model));
        Assert.Equal(plain, OnnxFile.ToBytes(prepared.Convert(new() { Format = format, Recipe = Of((Wide, 8), (NarrowLayer, 8)) }).Model));
    }

    [Theory, MemberData(nameof(Formats))]
    public void An_activation_of_16_bits_is_that_for_products_and_float_for_others(QuantizedFormat format)
    {
        var (model, prepared, batch) = Chain();
        var quantized = prepared.Convert(new() { Format = format, Recipe = Of((Wide, 16)) });
        var graph = quantized.Model.Graph;
        Assert.Equal(21, quantized.Model.Opset);
        // The convolution that reads it, through a QuantizeLinear to uint16; the addition reads floats.
        var wide = graph.Nodes.Where(n => n.Is("QuantizeLinear") && graph.Constant(n.Inputs[2])!.Type == ElementType.UInt16).ToArray();
        Assert.Equal([Wide], wide.Select(n => n.Inputs[0]));
        Assert.Contains(Wide, graph.Nodes.Single(n => n.OpType == "Add").Inputs);
        var reader = graph.Nodes.Single(n => n.OpType == "Conv" && graph.ProducerOf(n.Inputs[0])!.Inputs[0] == wide[0].Output);
        Assert.Equal(ElementType.Int8, graph.Constant(graph.ProducerOf(reader.Inputs[1])!.Inputs[0])!.Type);
        // In steps of 16 bits, a bias in int32 would overflow.
        Assert.Equal(ElementType.Float32, graph.Constant(reader.Inputs[2])!.Type);
        Assert.True(Decibels(model, quantized, batch) > Decibels(model, prepared.Convert(new() { Format = format }), batch));
    }

    [Theory, MemberData(nameof(Formats))]
    public void An_activation_of_32_bits_is_float_and_so_are_the_layers_that_multiply_it(QuantizedFormat format)
    {
        var (model, prepared, batch) = Chain();
        var recipe = Recipe.Empty with { Activations = Recipe.Empty.Activations.Add(Wide, new(32)) };
        Assert.Equal(recipe.Activations.ToArray(), Recipe.FromJson(recipe.ToJson()).Activations.ToArray());
        var quantized = prepared.Convert(new() { Format = format, Recipe = recipe });
        var graph = quantized.Model.Graph;
        Assert.Empty(graph.ConsumersOf(Wide).Where(n => n.Is("QuantizeLinear")));
        var reader = graph.ConsumersOf(Wide).Single(n => n.OpType == "Conv");
        Assert.Equal(ElementType.Float32, graph.Constant(reader.Inputs[1])!.Type);
        Assert.Contains(Wide, graph.Nodes.Single(n => n.OpType == "Add").Inputs);
        Assert.DoesNotContain(graph.Initializers.Values, t => t.Type == ElementType.UInt16);
        Assert.True(Decibels(model, quantized, batch) > Decibels(model, prepared.Convert(new() { Format = format }), batch));
    }

    [Theory, MemberData(nameof(Formats))]
    public void A_stream_is_float_while_products_read_8_bits_of_it(QuantizedFormat format)
    {
        var (model, prepared, batch) = Chain();
        var recipe = Recipe.Empty with { Activations = Recipe.Empty.Activations.Add(Wide, new(16) { ProductBits = 8 }) };
        var quantized = prepared.Convert(new() { Format = format, Recipe = recipe });
        var graph = quantized.Model.Graph;
        Assert.DoesNotContain(graph.Initializers.Values, t => t.Type == ElementType.UInt16);
        Assert.Contains(Wide, graph.Nodes.Single(n => n.OpType == "Add").Inputs);
        Assert.Single(graph.ConsumersOf(Wide), n => n.Is("QuantizeLinear"));
        Assert.Equal(3, graph.Nodes.Count(n => n.OpType is "Conv" or "QLinearConv"));
        Assert.True(Decibels(model, quantized, batch) > 30);
    }

    [Fact]
    public void What_has_16_bits_is_not_cut_off_where_other_data_reaches_further()
    {
        var (model, prepared, batch) = Chain();
        Recipe all = Of([.. prepared.Plan.Sites.Select(s => (s.Observed[0], 16))]);
        using var quantized = prepared.Convert(new() { Recipe = all with { Weights = Of(("a", 32), (NarrowLayer, 32), ("c", 32)).Weights } });
        var further = batch.ToDictionary(b => b.Key, b => Tensor.Of(b.Value.Shape, [.. b.Value.Span<float>().ToArray().Select(x => 1.9f * x)]));
        Assert.True(Decibels(model, quantized, further) > 70);
    }

    [Theory, MemberData(nameof(Formats))]
    public void Weights_in_float_leave_the_layers_around_them_in_integers(QuantizedFormat format)
    {
        var (model, prepared, batch) = Chain();
        var quantized = prepared.Convert(new() { Format = format, Recipe = Of((NarrowLayer, 32)) });
        var graph = quantized.Model.Graph;
        var conv = graph.Nodes.Single(n => n.OpType == "Conv" && graph.Constant(n.Inputs[1]) is not null);
        Assert.True(graph.ProducerOf(conv.Inputs[0])!.Is("DequantizeLinear"));
        Assert.All(graph.ConsumersOf(conv.Output), n => Assert.True(n.Is("QuantizeLinear")));
        Assert.True(Decibels(model, quantized, batch) > 25);
    }

    [Theory, MemberData(nameof(Formats))]
    public void With_16_bits_everywhere_only_the_weights_are_rounded(QuantizedFormat format)
    {
        var (model, prepared, batch) = Chain();
        Recipe all = Of([.. prepared.Plan.Sites.Select(s => (s.Observed[0], 16))]);
        var rounded = prepared.Convert(new() { Format = format, Recipe = all });
        Assert.True(Decibels(model, rounded, batch) > 35);
        var exact = all with { Weights = Of(("a", 32), (NarrowLayer, 32), ("c", 32)).Weights };
        Assert.True(Decibels(model, prepared.Convert(new() { Format = format, Recipe = exact }), batch) > 80);
    }

    private static double Decibels(FloatModel model, QuantizedModel quantized, Dictionary<string, Tensor> batch) =>
        Closeness.Decibels(model.Run(batch)["y"], quantized.Run(batch)["y"]);

    /// <summary>Names of tensors with 8 or 16 bits, of layers with 32.</summary>
    private static Recipe Of(params (string Name, int Bits)[] choices) => choices.Aggregate(Recipe.Empty, (recipe, c) =>
        c.Bits == 32 || c.Name == NarrowLayer ? recipe with { Weights = recipe.Weights.SetItem(c.Name, new(c.Bits) { Reason = "why", Cost = 0.25 }) }
            : recipe with { Activations = recipe.Activations.SetItem(c.Name, new(c.Bits) { OutputDecibels = 12.5 }) });

    /// <summary>Three convolutions, the second with a shortcut around it.</summary>
    private static (FloatModel Model, PreparedModel Prepared, Dictionary<string, Tensor> Batch) Chain()
    {
        var network = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 6).ConvBlock("b", "a.relu", 6, 6)
            .Node("Add", "a.relu b.relu", "sum").ConvBlock("c", "sum", 6, 4, relu: false).Node("Identity", "c.bn", "y").Output("y");
        var model = network.Build();
        var prepared = model.Fuse().Prepare(QConfig.Default);
        var batch = network.Batch(4);
        prepared.Run(batch);
        return (model, prepared, batch);
    }
}
