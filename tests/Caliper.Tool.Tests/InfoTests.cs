using Caliper.Torch;

namespace Caliper.Tool.Tests;

public sealed class InfoTests
{
    [Fact]
    public void Info_names_what_options_take()
    {
        var json = ToolRun.Of("info", "--format", "json").Json;
        Assert.Equal(Architectures.Names, json.GetProperty("architectures").EnumerateArray().Select(a => a.GetString()!));
        Assert.Contains("fbgemm", json.GetProperty("qconfigs").EnumerateArray().Select(a => a.GetString()));
        Assert.Contains("imagenet", json.GetProperty("preprocessings").EnumerateArray().Select(a => a.GetString()));
        Assert.StartsWith("ONNX Runtime", json.GetProperty("backend").GetString(), StringComparison.Ordinal);
        Assert.Equal(Environment.ProcessorCount, json.GetProperty("processors").GetInt32());
    }

    [Fact]
    public void Text_tells_the_same()
    {
        var run = ToolRun.Of("info");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("ONNX Runtime", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }
}
