using Caliper.Data;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Preparation;
using Caliper.Search;
using Caliper.Tests.Recovery;

namespace Caliper.Tests.Search;

/// <summary>The search finds what needs more bits, and no more of it than was allowed.</summary>
public class RecipeSearchTests
{
    [Fact]
    public void The_tensor_with_an_outlier_is_found()
    {
        var (prepared, data) = WithOutlier();
        var result = RecipeSearch.Find(prepared, data, new SearchOptions { Aim = 35, Acceptable = 35, MostWide = 1, MostFloat = 1 });
        Assert.Contains("a.bn", result.Recipe.Activations.Keys);
        Assert.True(result.Chosen.Decibels >= 35, $"{result.Chosen}");
        Assert.True(result.Candidates[0].Step.Decibels < 20, $"{result.Candidates[0].Step}");
    }

    [Theory]
    [InlineData(Int8Runtime.Caliper, 16)]
    [InlineData(Int8Runtime.OnnxRuntime, 32)]
    public void What_was_measured_is_what_the_network_does(Int8Runtime runtime, int bits)
    {
        var (prepared, data) = WithOutlier();
        var options = new SearchOptions { Runtime = runtime, Aim = 35, Least = 35, MostWide = 1, MostFloat = 1 };
        var result = RecipeSearch.Find(prepared, data, options);
        Assert.Contains(result.Recipe.Activations.Values, c => c.ProductBits > 8);
        Assert.All(result.Recipe.Activations.Values, c => Assert.Contains(c.ProductBits, new[] { 8, bits }));
        using var quantized = prepared.Convert(result.Complete());
        using var model = new FloatModel(prepared.Fused.Model);
        double signal = 0, noise = 0;
        foreach (var batch in data)
        {
            foreach (var (x, y) in model.Run(batch.Inputs)["y"].Span<float>().ToArray().Zip(quantized.Run(batch.Inputs)["y"].Span<float>().ToArray()))
                (signal, noise) = (signal + (x * x), noise + ((x - y) * (x - y)));
        }
        Assert.Equal(result.Chosen.Decibels, 10 * Math.Log10(signal / noise), 1.0);
    }

    /// <summary>A sum of much and little: what lies on it is lost in 8 bits, while the products that read it need no more.</summary>
    [Fact]
    public void A_stream_is_made_float_before_products_read_more_bits()
    {
        var network = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4).ConvBlock("b", "a.relu", 4, 4)
            .Node("Add", "a.relu b.relu", "s").ConvBlock("c", "s", 4, 4).Node("Add", "s c.relu", "t").ConvBlock("d", "t", 4, 4)
            .Node("Add", "t d.relu", "u").ConvBlock("e", "u", 4, 4).Node("Add", "u e.relu", "v").Node("Identity", "v", "y").Output("y");
        var (prepared, data) = Prepared(network);
        var options = new SearchOptions { Aim = 80, Least = 80, MostWide = 0, MostFloat = 0, Acceptable = double.NegativeInfinity };
        var result = RecipeSearch.Find(prepared, data, options);
        Assert.Contains(result.Recipe.Activations.Values, c => c is { Bits: 16, ProductBits: 8 });
        Assert.Equal(0, result.Chosen.WideShare);
        Assert.True(result.Chosen.Decibels > result.Candidates[0].Step.Decibels + 1, $"{result.Chosen} after {result.Candidates[0].Step}");
        using var quantized = prepared.Convert(result.Complete());
        using var model = new FloatModel(prepared.Fused.Model);
        var (expected, actual) = (data.Select(b => model.Run(b.Inputs)["y"]), data.Select(b => quantized.Run(b.Inputs)["y"]));
        var (signal, noise) = (0d, 0d);
        foreach (var (x, y) in expected.SelectMany(t => t.Span<float>().ToArray()).Zip(actual.SelectMany(t => t.Span<float>().ToArray())))
            (signal, noise) = (signal + (x * x), noise + ((x - y) * (x - y)));
        Assert.Equal(result.Chosen.Decibels, 10 * Math.Log10(signal / noise), 1.0);
    }

    [Fact]
    public void Limits_hold()
    {
        var (prepared, data) = WithOutlier();
        var options = new SearchOptions { Aim = 60, MostWide = 0.3, MostFloat = 0, Acceptable = double.NegativeInfinity };
        var result = RecipeSearch.Find(prepared, data, options);
        Assert.All(result.Candidates.Select(c => c.Step), s => Assert.True(s is { WideShare: <= 0.3, FloatShare: 0 }, $"{s}"));
        Assert.Empty(result.Recipe.Weights);
    }

    [Fact]
    public void Where_too_little_can_be_reached_within_the_limits_they_give_way()
    {
        var (prepared, data) = WithOutlier();
        var options = new SearchOptions { Aim = 45, Least = 40, Acceptable = 40, MostWide = 0.01, MostFloat = 0 };
        Assert.True(RecipeSearch.Find(prepared, data, options with { Acceptable = double.NegativeInfinity }).Chosen.Decibels < 40);
        var result = RecipeSearch.Find(prepared, data, options);
        Assert.True(result.Chosen is { Decibels: >= 40, WideShare: > 0.01 }, $"{result.Chosen}");
    }

    [Fact]
    public void First_they_give_way_by_a_fifth()
    {
        var (prepared, data) = WithOutlier();
        var options = new SearchOptions { Aim = 45, Least = 40, Acceptable = 40, MostWide = 1, MostFloat = 0 };
        var needed = RecipeSearch.Find(prepared, data, options).Chosen.WideShare;
        var result = RecipeSearch.Find(prepared, data, options with { MostWide = needed / 1.1 });
        Assert.True(result.Chosen is { Decibels: >= 40 } && result.Chosen.WideShare > needed / 1.1, $"{result.Chosen}");
        // Nothing beyond was looked at.
        Assert.All(result.Candidates, c => Assert.True(c.Step.WideShare <= 1.2 * needed / 1.1, $"{c.Step}"));
    }

    [Fact]
    public void Of_two_forms_the_one_with_less_noise_is_searched()
    {
        using var model = UnevenNetwork.Compensated();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        Batch[] data = [UnevenNetwork.Batch(fused, 12)];
        prepared.Run(data[0].Inputs);
        using var equalized = RecipeSearch.Equalized(prepared, UnevenNetwork.Observe(fused))!;
        equalized.Run(data[0].Inputs);
        var found = RecipeSearch.Find([prepared, equalized], data);
        Assert.Same(equalized, found.Form);
        Assert.Same(equalized, RecipeSearch.Find([equalized, prepared], data).Form);
        Assert.True(found.Candidates[0].Step.Decibels > RecipeSearch.Find(prepared, data).Candidates[0].Step.Decibels + 3);
        // Written to a file and read again it gives the same bytes.
        using var again = fused.Equalize(Recipe.FromJson(found.Recipe.ToJson()).Equalization).Prepare(QConfig.Default);
        again.Run(data[0].Inputs);
        var bytes = OnnxFile.ToBytes(equalized.Convert(found.Complete()).Model);
        Assert.Equal(bytes, OnnxFile.ToBytes(again.Convert(RecipeSearch.Apply(found.Recipe, again, data).Complete()).Model));
    }

    [Fact]
    public void Where_8_bits_are_enough_nothing_is_widened()
    {
        var (prepared, data) = WithOutlier();
        var result = RecipeSearch.Find(prepared, data, new SearchOptions { Aim = -20 });
        Assert.True(result.Recipe.IsEmpty);
        Assert.Single(result.Candidates);
    }

    [Fact]
    public void The_same_data_gives_the_same_recipe_whatever_the_batches()
    {
        var (prepared, data) = WithOutlier();
        var options = new SearchOptions { Aim = 35, Least = 35, MostWide = 1, MostFloat = 1 };
        var one = RecipeSearch.Find(prepared, data, options).Recipe.ToJson();
        Assert.Equal(one, RecipeSearch.Find(prepared, data, options).Recipe.ToJson());
        Assert.Equal(one, RecipeSearch.Find(prepared, data.SelectMany(InTwo), options).Recipe.ToJson());
    }

    [Fact]
    public void A_constant_that_is_added_is_no_weight()
    {
        var network = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4)
            .Constant("offsets", Tensor.Of(Shape.Of(1, 4, 1, 1), [100f, 0.3f, 0.7f, -0.2f])).Node("Add", "a.relu offsets", "m")
            .ConvBlock("b", "m", 4, 4, relu: false).Output("b.bn");
        var (prepared, data) = Prepared(network);
        var result = RecipeSearch.Find(prepared, data, new SearchOptions { Aim = 80, MostWide = 1, MostFloat = 1 });
        Assert.All(result.Recipe.Weights.Keys, layer => Assert.Contains(layer, new[] { "a", "b" }));
        using var quantized = prepared.Convert(result.Complete());
    }

    [Fact]
    public void Every_output_counts()
    {
        var network = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4).ConvBlock("b", "a.relu", 4, 4, relu: false)
            .Constant("wide", Tensor.Of(Shape.Of(1, 4, 1, 1), [200f, 0.05f, 0.05f, 0.05f])).Node("Mul", "a.relu wide", "m")
            .Constant("even", Tensor.Of(Shape.Of(1, 4, 1, 1), [0.005f, 20f, 20f, 20f])).Node("Mul", "m even", "n")
            .ConvBlock("c", "n", 4, 4, relu: false).Output("b.bn").Output("c.bn");
        var (prepared, data) = Prepared(network);
        var result = RecipeSearch.Find(prepared, data, new SearchOptions { Aim = 30, Least = 30, MostWide = 1 });
        Assert.Contains("m", result.Recipe.Activations.Keys);
        Assert.True(result.Chosen.Decibels >= 30, $"{result.Chosen}");
    }

    private static IEnumerable<Batch> InTwo(Batch batch)
    {
        var x = batch.Inputs[""];
        var half = x.Bytes.Length / 2;
        yield return Batch.Of(new Tensor(x.Type, x.Shape.With(0, 2), x.Bytes[..half]));
        yield return Batch.Of(new Tensor(x.Type, x.Shape.With(0, 2), x.Bytes[half..]));
    }

    /// <summary>The first layer's channels differ a thousandfold, and the next makes up for it.</summary>
    private static (PreparedModel Prepared, Batch[] Data) WithOutlier()
    {
        var network = new TestModel();
        float[] gains = [300, 1, 1, 1];
        network.Input("x", -1, 3, 8, 8).Weights("a.w", 0.4f, 4, 3, 3, 3).Node("Conv", "x a.w", "a", n => n.With("pads", 1, 1, 1, 1))
            .Constant("a.g", Tensor.Vector(gains)).Constant("a.o", Tensor.Vector(0f, 0f, 0f, 0f)).Constant("a.v", Tensor.Vector(1f, 1f, 1f, 1f))
            .Node("BatchNormalization", "a a.g a.o a.o a.v", "a.bn")
            .Constant("b.w", Tensor.Of(Shape.Of(4, 4, 1, 1),
                [.. Enumerable.Range(0, 16).Select(i => (i % 4 == 0 ? 1f / 300 : 1) * (1 - (i / 4 * 0.4f)))]))
            .Node("Conv", "a.bn b.w", "b").ConvBlock("c", "b", 4, 4, relu: false).Node("Identity", "c.bn", "y").Output("y");
        return Prepared(network);
    }

    private static (PreparedModel Prepared, Batch[] Data) Prepared(TestModel network)
    {
        var prepared = network.Build().Fuse().Prepare(QConfig.Default);
        Batch[] data = [Batch.Of(network.Batch(4)[""]), Batch.Of(network.Batch(4)[""])];
        foreach (var batch in data) prepared.Run(batch.Inputs);
        return (prepared, data);
    }
}
