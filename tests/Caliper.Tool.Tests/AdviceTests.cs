using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Caliper.Graphs;
using Caliper.Onnx;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Tool.Tests;

/// <summary>What compare advises for one layer by its name, written into a qconfig file as it stands there, gives what it promises.</summary>
public sealed partial class AdviceTests : IDisposable
{
    // A PyTorch preset, which fixes the range of a bounded function without looking at it.
    private const string Preset = "onednn";
    private const int Samples = 16, Pixels = 3 * Sample.Side * Sample.Side, Between = 96, Outputs = 5;
    private const double LeastGain = 6, MostDeviation = 1;

    private readonly Random _random = new(7);
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    /// <summary>Each of the functions whose bounds are known, far inside of them.</summary>
    [Theory]
    [InlineData("Softmax", 0)]
    [InlineData("Sigmoid", -6)]
    [InlineData("HardSigmoid", -2.42)]
    [InlineData("Tanh", 0)]
    public void A_function_that_keeps_far_inside_its_bounds_gets_a_range_of_its_own(string function, double offset)
    {
        var (model, data) = (Model(function, (float)offset), _sample.Array(Samples));
        var before = Compared(model, data, Preset, "before.onnx");
        var finding = before.GetProperty("findings")[0];
        Assert.Equal("wideRange", finding.GetProperty("kind").GetString(), ignoreCase: true);
        var layer = function + "_8";
        Assert.Equal(layer, finding.GetProperty("layer").GetString());
        var fix = finding.GetProperty("fix");
        Assert.Equal(("Recalibrate", layer, "caliper"), (fix.GetProperty("kind").GetString(), fix.GetProperty("layers")[0].GetString(),
            fix.GetProperty("qconfig").GetString()));
        Assert.False(fix.TryGetProperty("timeRatio", out _));
        var advice = Advice().Match(finding.GetProperty("advice").GetString()!);
        Assert.True(advice.Success, finding.GetRawText());

        File.WriteAllText(_sample["fix.json"], $$"""{ "global": "{{Preset}}", {{advice.Value}} }""");
        var after = Compared(model, data, _sample["fix.json"], "after.onnx");
        var promised = finding.GetProperty("decibelsMended").GetDouble();
        Assert.True(fix.GetProperty("gainDecibels").GetDouble() > LeastGain, finding.GetRawText());
        Assert.Equal(promised, finding.GetProperty("decibelsNow").GetDouble() + fix.GetProperty("gainDecibels").GetDouble(), 6);
        Assert.InRange(after.GetProperty("sqnrDecibels").GetProperty("y").GetDouble(), promised - MostDeviation, promised + MostDeviation);

        var (old, now) = (Scales(before), Scales(after));
        Assert.Equal(old.Keys, now.Keys);
        Assert.All(old.Keys, l => Assert.Equal(l == layer, old[l] != now[l]));
        Assert.True(now[layer] < old[layer] / 4, $"{old[layer]} -> {now[layer]}");
    }

    private JsonElement Compared(string model, string data, string qconfig, string output)
    {
        var quantized = ToolRun.Of("quantize", model, "--data", data, "--qconfig", qconfig, "-o", _sample[output], "--no-progress");
        Assert.True(quantized.ExitCode == 0, quantized.Error);
        return ToolRun.Of("compare", model, _sample[output], "--data", data, "--format", "json", "--no-progress").Json;
    }

    private static SortedDictionary<string, double> Scales(JsonElement comparison) => new(comparison.GetProperty("tensors").EnumerateArray()
        .ToDictionary(t => t.GetProperty("layer").GetString()!, t => t.GetProperty("scale").GetDouble()), StringComparer.Ordinal);

    /// <summary>A product, a function of it, and a product.</summary>
    private string Model(string function, float offset)
    {
        var constants = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, Tensor>
        {
            ["w1"] = Values(0.01f, Pixels, Between),
            ["b1"] = Tensor.Vector([.. Enumerable.Repeat(offset, Between)]),
            ["w2"] = Values(1, Between, Outputs),
        });
        Node[] nodes =
        [
            new Node("", "Flatten", ["x"], ["flat"]),
            new Node("", "Gemm", ["flat", "w1", "b1"], ["h"]),
            new Node(function + "_8", function, ["h"], ["p"]),
            new Node("", "MatMul", ["p", "w2"], ["y"]),
        ];
        Value Of(string name, params long[] lengths) =>
            new(name, ElementType.Float32, new Shape([Dimension.Named("N"), .. lengths.Select(Dimension.Of)]));
        var opsets = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("", 17L)]);
        var graph = new Graph("advised", [Of("x", 3, Sample.Side, Sample.Side)], [Of("y", Outputs)], nodes, constants);
        OnnxFile.Write(new Model(graph, opsets), _sample["model.onnx"]);
        return _sample["model.onnx"];
    }

    private Tensor Values(float spread, params long[] lengths) => Tensor.Of(Shape.Of(lengths),
        Enumerable.Range(0, (int)Shape.Of(lengths).ElementCount).Select(_ => (2 * _random.NextSingle() - 1) * spread).ToArray());

    [GeneratedRegex("\"name\": \\{.*\\}")]
    private static partial Regex Advice();
}
