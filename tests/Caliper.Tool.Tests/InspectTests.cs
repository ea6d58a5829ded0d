namespace Caliper.Tool.Tests;

public sealed class InspectTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Every_layer_is_listed_with_what_becomes_of_it()
    {
        var json = ToolRun.Of("inspect", _sample.Model(), "--exclude", "fc", "--format", "json").Json;
        Assert.Equal(17, json.GetProperty("opset").GetInt32());
        Assert.Equal("N×3×8×8", json.GetProperty("inputs")[0].GetProperty("shape").GetString());
        Assert.Equal(5, json.GetProperty("nodes").GetInt32());
        var plan = json.GetProperty("plan").EnumerateArray().ToDictionary(l => l.GetProperty("name").GetString()!);
        Assert.Equal("int8", plan["conv"].GetProperty("form").GetString());
        Assert.Equal("ConvReLU2d", plan["conv"].GetProperty("kind").GetString());
        Assert.Equal("float", plan["fc"].GetProperty("form").GetString());
        Assert.NotEmpty(plan["fc"].GetProperty("why").GetString()!);
        Assert.Equal("fc", json.GetProperty("diagnostics")[0].GetProperty("place").GetString());
    }

    [Fact]
    public void Text_tells_the_same()
    {
        var run = ToolRun.Of("inspect", _sample.Model());
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        foreach (var text in new[] { "opset 17", "input", "N×3×8×8", "conv", "fc", "int8" })
            Assert.Contains(text, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quantized_model_is_recognized()
    {
        Assert.Equal(0, ToolRun.Of("quantize", _sample.Model(), "--data", _sample.Images(), "-o", _sample["int8.onnx"]).ExitCode);
        var json = ToolRun.Of("inspect", _sample["int8.onnx"], "--format", "json").Json;
        Assert.True(json.GetProperty("isQuantized").GetBoolean());
        Assert.False(json.TryGetProperty("plan", out _));
        Assert.True(json.GetProperty("operators").GetProperty("QuantizeLinear").GetInt32() > 0);
    }

    [Fact]
    public void A_pattern_that_matches_nothing_is_an_error() =>
        ToolRun.Of("inspect", _sample.Model(), "--exclude", "nothing").AssertFailed("'nothing'");

    [Fact]
    public void Every_layer_tells_its_multiply_adds_and_its_bytes()
    {
        var json = ToolRun.Of("inspect", _sample.Model(), "--exclude", "fc", "--format", "json").Json;
        var plan = json.GetProperty("plan").EnumerateArray().ToDictionary(l => l.GetProperty("name").GetString()!);
        Assert.Equal((8 * 64 * 27, 4 * (8 * 27 + 8), 8 * 27 + 8 * 5 + 8 * 4), CostOf(plan["conv"]));
        Assert.Equal((6 * 8, 4 * (6 * 8 + 6), 4 * (6 * 8 + 6)), CostOf(plan["fc"]));
        Assert.Equal(8 * 64 * 27 + 6 * 8, json.GetProperty("multiplyAdds").GetInt64());
        Assert.Equal(100.0 * 13824 / 13872, json.GetProperty("int8MacPercent").GetDouble(), 9);
        Assert.Equal((896 + 216, 288 + 216), (json.GetProperty("expectedBytes").GetProperty("float").GetInt64(),
            json.GetProperty("expectedBytes").GetProperty("int8").GetInt64()));
        Assert.Equal((1, 1), (json.GetProperty("crossings").GetProperty("toInt8").GetInt32(),
            json.GetProperty("crossings").GetProperty("toFloat").GetInt32()));

        static (long, long, long) CostOf(System.Text.Json.JsonElement layer) => (layer.GetProperty("multiplyAdds").GetInt64(),
            layer.GetProperty("floatBytes").GetInt64(), layer.GetProperty("int8Bytes").GetInt64());
    }

    [Fact]
    public void Text_sums_up_what_int8_saves()
    {
        var lines = ToolRun.OnTerminal(false, 100, "inspect", _sample.Model(), "--exclude", "fc").Output.Split(Environment.NewLine);
        Assert.Contains("With the qconfig caliper, 3 of 4 layers become int8: 99.7 % of 13.9 k MACs.", lines);
        Assert.Contains("Weights: 1.1 kB in float, 504 B converted (2.2× smaller).", lines);
        Assert.Contains("Crossings: 1 to int8, 1 to float.", lines);
        Assert.Contains(lines, l => l.Contains("conv", StringComparison.Ordinal) && l.Contains("13.8 k", StringComparison.Ordinal)
            && l.Contains("288 B", StringComparison.Ordinal));
    }

    [Fact]
    public void Norms_and_gates_are_a_line_each_and_what_computes_shapes_is_counted()
    {
        var run = ToolRun.OnTerminal(false, 150, "inspect", Testing.SharedFolder.Path("zoo", "minilm_layer0", "model.onnx"));
        var lines = run.Output.Split(Environment.NewLine);
        Assert.Contains("With the qconfig caliper, 18 of 33 layers become int8. 35 more compute shapes, indices and conditions.", lines);
        Assert.Equal(3, lines.Count(l => l.Contains(" LayerNorm ", StringComparison.Ordinal)));
        foreach (var kind in new[] { "GELU", "AttentionScores", "AttentionContext" })
            Assert.Single(lines, l => l.Contains($" {kind} ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GELU", "It is a kind of layers, such as 'Mul_121'.")]
    [InlineData("layernormalization", "It is a kind of layers, such as 'embeddings.LayerNorm', ")]
    [InlineData("Mul_12", "Did you mean 'Mul_121'?")]
    public void Whoever_excludes_a_kind_is_told_its_layers(string name, string hint) =>
        ToolRun.Of("inspect", Testing.SharedFolder.Path("zoo", "minilm_layer0", "model.onnx"), "--exclude", name).AssertFailed(hint);

    [Fact]
    public void Strict_passes_where_every_float_layer_was_asked_for()
    {
        foreach (var arguments in new string[][] { [], ["--exclude", "fc"] })
        {
            var run = ToolRun.Of(["inspect", _sample.Model(), "--strict", .. arguments]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
        }
    }

    [Fact]
    public void Excluding_a_layer_leaves_no_other_float()
    {
        var run = ToolRun.Of("inspect", _sample.Model(), "--exclude", "conv", "--strict", "--format", "json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(1, run.Json.GetProperty("layers").GetProperty("float").GetInt32());
    }

    [Fact]
    public void Strict_names_five_layers_at_most()
    {
        var run = ToolRun.Of("inspect", Testing.SharedFolder.Path("models", "ultraface-rfb-320.onnx"), "--strict");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("caliper: 12 layers stay float and are not excluded: '472', '474', '475', '476', '477', …" + Environment.NewLine, run.Error);
    }

    [Fact]
    public void Strict_refuses_what_has_no_plan()
    {
        Assert.Equal(0, ToolRun.Of("quantize", _sample.Model(), "--data", _sample.Images(), "-o", _sample["int8.onnx"]).ExitCode);
        ToolRun.Of("inspect", _sample["int8.onnx"], "--strict").AssertFailed("int8.onnx", "float model");
        Assert.Equal(0, ToolRun.Of("calibrate", _sample["model.onnx"], "--data", _sample["images"], "-o", _sample["m.calib"]).ExitCode);
        ToolRun.Of("inspect", _sample["m.calib"], "--strict").AssertFailed("m.calib", "float model");
    }

    [Theory]
    [InlineData(100, "resnet20.onnx")]
    [InlineData(100, "squeezenet1_0.onnx")]
    [InlineData(100, "ultraface-rfb-320.onnx")]
    public void The_table_fits_a_terminal(int width, string model)
    {
        var lines = ToolRun.OnTerminal(false, width, "inspect", Testing.SharedFolder.Path("models", model)).Output.Split(Environment.NewLine);
        var rows = lines.Where(l => l.StartsWith('│')).ToArray();
        // A name that wraps leaves the other cells of its second line empty.
        Assert.DoesNotContain(rows, row => string.IsNullOrWhiteSpace(row.Split('│')[2]));
        Assert.All(lines, l => Assert.True(l.Length <= width, l));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1_000, "1.00 k")]
    [InlineData(9_994, "9.99 k")]
    [InlineData(9_996, "10.0 k")]
    [InlineData(99_960, "100 k")]
    [InlineData(999_499, "999 k")]
    [InlineData(999_500, "1.00 M")]
    [InlineData(173_870_000, "174 M")]
    [InlineData(4_089_000_000, "4.09 G")]
    [InlineData(long.MaxValue, "9223372 T")]
    public void Large_counts_have_three_digits(long count, string text) => Assert.Equal(text, Consoles.Numbers.Short(count));
}
