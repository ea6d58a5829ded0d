using Caliper.Graphs;

namespace Caliper.Tests.Calibration.Doctor;

public class InputNormalizationTests
{
    private static readonly (string Name, float[] Levels)[] Pictures = [.. Patient.Pictures(48)];

    [Fact]
    public void Data_as_in_training_is_no_finding() => Assert.DoesNotContain(Codes(Trained(), Right), IsAboutInput);

    [Theory]
    [InlineData("levels")]
    [InlineData("unit")]
    [InlineData("imagenet")]
    [InlineData("twice scaled")]
    public void Another_normalization_is_found_and_the_right_one_is_named(string wrong)
    {
        float[] mean = [0.485f, 0.456f, 0.406f], deviation = [0.229f, 0.224f, 0.225f];
        Func<float, int, float> normalize = wrong switch
        {
            "levels" => (x, _) => x,
            "unit" => (x, _) => x / 255,
            "imagenet" => (x, c) => ((x / 255) - mean[c]) / deviation[c],
            _ => (x, _) => x / 255 / 255,
        };
        var found = Assert.Single(Patient.Examine(Trained(), Pictures.Select(p => (p.Name, p.Levels.Each(normalize)))),
            d => d.Code == "input-normalization");

        Assert.Equal("x", found.Place);
        Assert.Contains("'conv'", found.Message, StringComparison.Ordinal);
        Assert.EndsWith("(pixel - 127.5) / 127.5 would fit.", found.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Channels_in_reverse_order_are_found()
    {
        var found = Patient.Examine(Trained(), Right.Select(p => (p.Name, p.Values.Reversed())));
        Assert.Contains("reverse order", Assert.Single(found, d => d.Code == "channel-order").Message, StringComparison.Ordinal);
        Assert.DoesNotContain(found, d => d.Code == "input-normalization");
    }

    [Fact]
    public void Grey_pictures_have_no_order()
    {
        var grey = Right.Select(p => (p.Name, p.Values.Select((_, i) => p.Values[i % 256]).ToArray()));
        Assert.DoesNotContain(Codes(Trained(), grey), code => code == "channel-order");
    }

    [Fact]
    public void A_network_that_was_never_trained_expects_nothing()
    {
        var zeros = Tensor.Vector(new float[12]);
        var ones = Tensor.Vector([.. Enumerable.Repeat(1f, 12)]);
        var model = Convolution().Constant("g", ones).Constant("b", zeros).Constant("m", zeros).Constant("v", ones)
            .Node("BatchNormalization", "conv g b m v", "bn").Node("Relu", "bn", "y").Output("y").Build();
        Assert.DoesNotContain(Codes(model, Pictures.Select(p => (p.Name, p.Levels.Each((x, _) => x / 255)))), IsAboutInput);
    }

    [Fact]
    public void A_batch_norm_on_the_input_itself_says_what_it_expects()
    {
        FloatModel Model() => new TestModel().Input("x", -1, 3, 16, 16)
            .Constant("g", Tensor.Vector(1f, 1, 1)).Constant("b", Tensor.Vector(0f, 0, 0))
            .Constant("m", Tensor.Vector(140f, 110, 80)).Constant("v", Tensor.Vector(3600f, 3000, 2500))
            .Node("BatchNormalization", "x g b m v", "y").Output("y").Build();
        Assert.DoesNotContain(Codes(Model(), Pictures), IsAboutInput);
        var found = Assert.Single(Patient.Examine(Model(), Pictures.Select(p => (p.Name, p.Levels.Each((x, _) => x / 255)))),
            d => d.Code == "input-normalization");
        Assert.Contains("in training they had [140 110 80]", found.Message, StringComparison.Ordinal);
        Assert.EndsWith("; pixel would fit.", found.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_batch_norm_a_first_layer_that_hardly_sees_the_input_is_found()
    {
        FloatModel Model() => Convolution(bias: 1).Node("Relu", "conv", "y").Output("y").Build();
        Assert.DoesNotContain(Codes(Model(), Right), IsAboutInput);
        Assert.Contains("input-ignored", Codes(Model(), Pictures.Select(p => (p.Name, p.Levels.Each((x, _) => x / 255 / 255)))));
    }

    [Fact]
    public void Without_a_batch_norm_raw_levels_before_biases_without_a_say_are_found()
    {
        FloatModel Model() => Convolution(bias: 1).Node("Relu", "conv", "y").Output("y").Build();
        Assert.Contains("raw-levels", Codes(Model(), Pictures));
    }

    private static IEnumerable<(string Name, float[] Values)> Right => Pictures.Select(p => (p.Name, p.Levels.Each((x, _) => (x - 127.5f) / 127.5f)));

    private static bool IsAboutInput(string code) => code is "input-normalization" or "channel-order" or "input-ignored" or "raw-levels";

    private static IEnumerable<string> Codes(FloatModel model, IEnumerable<(string Name, float[] Values)> data) =>
        Patient.Examine(model, data).Select(d => d.Code);

    private static TestModel Convolution(float bias = 0.2f) => new TestModel(5).Input("x", -1, 3, 16, 16)
        .Weights("w", 0.5f, 12, 3, 3, 3).Weights("bias", bias, 12).Node("Conv", "x w bias", "conv", n => n.With("kernel_shape", 3, 3));

    /// <summary>A convolution, a batch norm that remembers what the convolution made of the pictures, and a Relu.</summary>
    private static FloatModel Trained()
    {
        using var untrained = Convolution().Output("conv").Build();
        var responses = Right.Select(p => untrained
            .Run(new Dictionary<string, Tensor> { [""] = Tensor.Of(Shape.Of(1, 3, 16, 16), p.Values) })["conv"]
            .Span<float>().ToArray()).ToArray();
        var perChannel = responses[0].Length / 12;
        var channels = Enumerable.Range(0, 12).Select(c => responses.SelectMany(r => r.Skip(c * perChannel).Take(perChannel)).ToArray()).ToArray();
        var means = channels.Select(c => c.Average()).ToArray();
        var variances = channels.Select((c, i) => c.Average(v => (v - means[i]) * (v - means[i]))).ToArray();
        return Convolution().Weights("g", 1, 12).Weights("b", 0.5f, 12).Constant("m", Tensor.Vector(means)).Constant("v", Tensor.Vector(variances))
            .Node("BatchNormalization", "conv g b m v", "bn").Node("Relu", "bn", "y").Output("y").Build();
    }
}
