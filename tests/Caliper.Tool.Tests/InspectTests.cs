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
}
