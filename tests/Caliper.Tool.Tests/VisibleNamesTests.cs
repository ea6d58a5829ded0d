using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Tool.Tests;

/// <summary>Names come from files, and a terminal obeys what it is sent.</summary>
public sealed class VisibleNamesTests : IDisposable
{
    private const string Hostile = "a\u001b[2J\nb\u0007\u202e\u009bc";
    private const string Shown = "a\\u001b[2J\\u000ab\\u0007\\u202e\\u009bc";

    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Names_of_a_model_are_shown_and_not_obeyed(bool isTerminal)
    {
        var (model, data) = (Model(), _sample.Array(8));
        string[][] lines =
        [
            ["inspect", model],
            ["quantize", model, "--data", data, "-o", _sample["int8.onnx"]],
            ["calibrate", model, "--data", data, "-o", _sample["m.calib"], "--watch"],
            ["inspect", _sample["m.calib"]],
            ["compare", model, _sample["int8.onnx"], "--data", data],
            ["evaluate", _sample["int8.onnx"], "--against", model, "--data", data],
        ];
        foreach (var line in lines)
        {
            var run = isTerminal ? ToolRun.OnTerminal(usesColor: false, 200, line) : ToolRun.Of(line);
            Assert.True(run.ExitCode == 0, run.Error);
            foreach (var text in new[] { run.Output, run.Error })
            {
                foreach (var hidden in new[] { "\u001b[2J", "\u0007", "\u202e", "\u009b" })
                    Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
                // Redrawing is the console's own.
                if (!isTerminal) Assert.DoesNotContain('\u001b', text);
            }
            if (line is not ["evaluate", ..]) Assert.Contains(Shown, run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_in_errors_are_shown_and_not_obeyed()
    {
        var bad = _sample["no" + Hostile];
        foreach (var run in new[] { ToolRun.Of("inspect", bad), ToolRun.Of("nothing" + Hostile), ToolRun.Of("inspect", Model(), "--" + Hostile) })
        {
            Assert.NotEqual(0, run.ExitCode);
            Assert.DoesNotContain("\u001b", run.Error, StringComparison.Ordinal);
            Assert.Contains("\\u001b", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Json_has_the_names_as_they_are() =>
        Assert.Equal(Hostile, ToolRun.Of("inspect", Model(), "--format", "json").Json.GetProperty("inputs")[0].GetProperty("name").GetString());

    /// <summary>The sample's model with other names for its layers, input and output.</summary>
    private string Model()
    {
        var model = OnnxFile.Read(_sample.Model());
        var graph = model.Graph;
        string Renamed(string name) => name is "input" or "scores" or "relu.out" ? name == "input" ? Hostile : Hostile + name : name;
        var nodes = graph.Nodes.Select(n => n with
        {
            Name = n.Name + Hostile,
            Inputs = [.. n.Inputs.Select(Renamed)],
            Outputs = [.. n.Outputs.Select(Renamed)],
        });
        var hostile = new Graph("small", [.. graph.Inputs.Select(i => i with { Name = Renamed(i.Name) })],
            [.. graph.Outputs.Select(o => o with { Name = Renamed(o.Name) })], [.. nodes], graph.Initializers);
        OnnxFile.Write(new Model(hostile, model.Opsets), _sample["hostile.onnx"]);
        return _sample["hostile.onnx"];
    }
}
