using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Tool.Tests;

/// <summary>What the engine cannot plan ends no command: ONNX Runtime runs it, and one sentence says why.</summary>
public sealed class FallbackTests : IDisposable
{
    private const string Code = "onnxruntime-backend";

    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    /// <summary>Operators that the page of operators does not have the engine run, between layers of 8 bits.</summary>
    [Theory]
    [InlineData("Hardmax")]
    [InlineData("LpPool")]
    public void A_network_beyond_the_engine_is_quantized_evaluated_compared_and_timed(string operation)
    {
        var (model, data, int8) = (Model(operation), _sample.Array(8), _sample["int8.onnx"]);
        string[][] lines =
        [
            ["quantize", model, "--data", data, "-o", int8, "--fast", "--report", _sample["page.html"], "--no-progress"],
            ["evaluate", int8, "--against", model, "--data", data, "--no-progress"],
            ["evaluate", int8, "--against", model, "--data", data, "--no-progress"],
            ["compare", model, int8, "--data", data, "--sensitivity-samples", "0", "--no-progress"],
            ["bench", int8, "--seconds", "1"],
        ];
        foreach (var line in lines)
        {
            var run = ToolRun.Of([.. line, "--format", "json"]);
            Assert.True(run.ExitCode == 0, $"{line[0]}: {run.Error}");
            var told = run.Json.GetProperty("diagnostics").EnumerateArray().Single(d => d.GetProperty("code").GetString() == Code);
            Assert.Contains(operation, told.GetProperty("message").GetString()!, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', told.GetProperty("message").GetString()!);
        }
        // Asked for the engine alone, the command says the same and ends.
        ToolRun.Of("evaluate", int8, "--data", data, "--backend", "caliper").AssertFailed(operation);
        ToolRun.Of("evaluate", model, "--against", int8, "--data", data, "--backend", "caliper").AssertFailed(operation);
    }

    /// <summary>Lengths that nobody would guess are those of the data, and the engine runs what fits them.</summary>
    [Fact]
    public void A_network_that_fits_the_data_alone_runs_in_the_engine()
    {
        var random = new Random(5);
        Tensor Noise(params long[] lengths) => Tensor.Of(Shape.Of(lengths),
            Enumerable.Range(0, (int)Shape.Of(lengths).ElementCount).Select(_ => random.NextSingle() - 0.5f).ToArray());
        var constants = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
            new Dictionary<string, Tensor> { ["shape"] = Tensor.Vector(1L, 7, 11), ["w"] = Noise(11, 16), ["v"] = Noise(16, 4) });
        Node[] nodes = [new("r", "Reshape", ["x", "shape"], ["h"]), new("m", "MatMul", ["h", "w"], ["i"]), new("n", "MatMul", ["i", "v"], ["y"])];
        var graph = new Graph("fits", [new Value("x", ElementType.Float32, new Shape([Dimension.Of(1), Dimension.Named("L")]))],
            [new Value("y", ElementType.Float32, null)], nodes, constants);
        var opsets = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("", 17L)]);
        OnnxFile.Write(new Model(graph, opsets), _sample["model.onnx"]);
        var (model, data, int8) = (_sample["model.onnx"], _sample.Arrays("d.npz", ("x", Noise(16, 77))), _sample["int8.onnx"]);
        string[][] lines =
        [
            ["quantize", model, "--data", data, "-o", int8, "--fast", "--no-progress"],
            ["evaluate", int8, "--against", model, "--data", data, "--no-progress"],
            ["compare", model, int8, "--data", data, "--sensitivity-samples", "0", "--no-progress"],
            ["bench", int8, "--seconds", "1", "--data", data, "--against", "onnxruntime"],
            ["bench", int8, "--seconds", "1", "--shape", "x=1,77"],
        ];
        foreach (var line in lines)
        {
            var run = ToolRun.Of([.. line, "--format", "json"]);
            Assert.True(run.ExitCode == 0, $"{line[0]}: {run.Error}");
            Assert.DoesNotContain(Code, run.Json.GetProperty("diagnostics").EnumerateArray().Select(d => d.GetProperty("code").GetString()));
        }
        ToolRun.Of("bench", int8, "--data", data, "--shape", "x=1,77").AssertUsageError("leave --shape out");
    }

    private string Model(string operation)
    {
        var random = new Random(3);
        Tensor Weights(params long[] lengths) => Tensor.Of(Shape.Of(lengths),
            Enumerable.Range(0, (int)Shape.Of(lengths).ElementCount).Select(_ => random.NextSingle() - 0.5f).ToArray());
        var constants = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
            new Dictionary<string, Tensor> { ["w1"] = Weights(8, 3, 3, 3), ["w2"] = Weights(4, 8, 3, 3) });
        var between = new Node("between", operation, ["h"], ["b"]);
        if (operation is "LpPool") between = between.With("kernel_shape", new AttributeValue.Ints([2, 2]));
        Node[] nodes = [new("c1", "Conv", ["x", "w1"], ["h"]), between, new("c2", "Conv", ["b", "w2"], ["y"])];
        Value Of(string name, params long[] lengths) =>
            new(name, ElementType.Float32, new Shape([Dimension.Named("N"), .. lengths.Select(Dimension.Of)]));
        var side = Sample.Side - 4 - (operation is "LpPool" ? 1 : 0);
        var graph = new Graph("beyond", [Of("x", 3, Sample.Side, Sample.Side)], [Of("y", 4, side, side)], nodes, constants);
        var opsets = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("", 17L)]);
        OnnxFile.Write(new Model(graph, opsets), _sample["model.onnx"]);
        return _sample["model.onnx"];
    }
}
