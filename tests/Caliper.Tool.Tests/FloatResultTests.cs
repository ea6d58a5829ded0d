namespace Caliper.Tool.Tests;

/// <summary>A file that is what went in is no result.</summary>
public sealed class FloatResultTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData("--fast")]
    [InlineData("--dynamic")]
    public void A_network_of_which_nothing_becomes_int8_is_an_error_with_the_reason(string way)
    {
        string[] data = way == "--dynamic" ? [] : ["--data", _sample.Images()];
        ToolRun.Of(["quantize", _sample.Model(), way, .. data, "--exclude", "*", "-o", _sample["out.onnx"], "--no-progress"]).AssertFailed(
            "Nothing of the network would become int8, and nothing was written. 'conv': It stays float because the qconfig excludes it.");
        Assert.False(File.Exists(_sample["out.onnx"]));
    }
}
