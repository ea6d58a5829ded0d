using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Tool.Tests;

/// <summary>Networks that end with their own post-processing, so that numbers choose how many rows they return: every command works on them, and
/// judges them by what the choice reads.</summary>
public sealed class RowChoiceTests : IDisposable
{
    private const int Places = 36;
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData("boxes", new[] { "boxes", "scores" }, "found")]
    [InlineData("boxes of any batch", new[] { "boxes", "scores" }, "found")]
    [InlineData("places", new[] { "scores" }, "at")]
    [InlineData("boxes and a map", new[] { "boxes", "map" }, "found")]
    public void They_are_quantized_tuned_evaluated_compared_and_timed(string kind, string[] judged, string rows)
    {
        var (model, data, int8) = (Model(kind), _sample.Array(8), _sample["int8.onnx"]);
        // Both networks are judged by the same values, whatever they happen to find.
        string[][] lines =
        [
            ["quantize", model, "--data", data, "-o", int8, "--no-progress"],
            ["quantize", model, "--data", data, "-o", int8, "--overwrite", "--fast", "--report", _sample["page.html"], "--no-progress"],
            ["tune", model, "--data", data, "-o", int8, "--overwrite", "--target", "sqnr 20", "--no-progress"],
            ["evaluate", int8, "--against", model, "--data", data, "--no-progress"],
            ["compare", model, int8, "--data", data, "--no-progress"],
        ];
        foreach (var line in lines)
        {
            var json = Succeeds([.. line, "--format", "json"]).Json;
            var ratios = json.GetProperty("sqnrDecibels").EnumerateObject().Select(o => o.Name);
            Assert.Equal(judged.Order(StringComparer.Ordinal), ratios);
            var counts = json.GetProperty("rows").EnumerateObject();
            var (name, pair) = Assert.Single(counts.Select(c => (c.Name, c.Value)));
            Assert.Equal(rows, name);
            Assert.True(pair.GetProperty("float").GetInt64() > 0);
        }
        Assert.Contains("Rows " + rows, Succeeds(lines[3]).Output, StringComparison.Ordinal);
        Assert.Contains("Rows of " + rows, Succeeds(lines[4]).Output, StringComparison.Ordinal);
        Succeeds(["evaluate", int8, "--data", data, "--no-progress"]);
        Succeeds(["calibrate", model, "--data", data, "-o", _sample["seen.calib"], "--no-progress"]);
        Succeeds(["quantize", model, "--calibration", _sample["seen.calib"], "-o", _sample["again.onnx"], "--no-progress"]);
        Assert.Empty(Succeeds(["bench", int8, "--seconds", "1", "--format", "json"]).Json.GetProperty("diagnostics").EnumerateArray());
    }

    [Fact]
    public void Labels_of_samples_are_none_of_rows()
    {
        var (model, images) = (Model("boxes"), _sample.Images(2));
        Succeeds(["quantize", model, "--data", images, "-o", _sample["int8.onnx"], "--fast", "--no-progress"]);
        var text = Succeeds(["evaluate", _sample["int8.onnx"], "--against", model, "--data", images, "--no-progress"]).Output;
        Assert.DoesNotContain("Acc@1", text, StringComparison.Ordinal);
    }

    private static ToolRun Succeeds(string[] line)
    {
        var run = ToolRun.Of(line);
        Assert.True(run.ExitCode == 0, $"{line[0]}: {run.Error}");
        return run;
    }

    /// <summary>A convolution for boxes and one for scores of two classes, and what is chosen by them.</summary>
    private string Model(string kind)
    {
        var random = new Random(5);
        Tensor Weights(params long[] lengths) => Tensor.Of(Shape.Of(lengths),
            Enumerable.Range(0, (int)Shape.Of(lengths).ElementCount).Select(_ => random.NextSingle() - 0.5f).ToArray());
        var constants = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new Dictionary<string, Tensor>
        {
            ["w0"] = Weights(8, 3, 3, 3),
            ["w1"] = Weights(4, 8, 1, 1),
            ["w2"] = Weights(2, 8, 1, 1),
            ["four"] = Tensor.Vector(0L, 4, Places),
            ["two"] = Tensor.Vector(0L, 2, Places),
            ["most"] = Tensor.Scalar(20L),
            ["overlap"] = Tensor.Vector(0.3f),
            ["least"] = Tensor.Vector(0.5f),
            ["columns"] = Tensor.Vector(0L, 2L),
        });
        var chooses = kind is not "places";
        Node[] nodes =
        [
            new Node("c0", "Conv", ["input", "w0"], ["h"]), new Node("r0", "Relu", ["h"], ["r"]),
            new Node("c2", "Conv", ["r", "w2"], ["c2"]), new Node("s2", "Sigmoid", ["c2"], ["map"]),
            new Node("rs", "Reshape", ["map", "two"], ["scores"]),
            .. chooses
                ?
                [
                    new Node("c1", "Conv", ["r", "w1"], ["c1"]), new Node("rb", "Reshape", ["c1", "four"], ["flat"]),
                    new Node("tb", "Transpose", ["flat"], ["boxes"]).With("perm", 0, 2, 1),
                    new Node("nms", "NonMaxSuppression", ["boxes", "scores", "most", "overlap", "least"], ["picked"]).With("center_point_box", 1),
                    new Node("at", "Gather", ["picked", "columns"], ["places"]).With("axis", 1),
                    new Node("g", "GatherND", ["boxes", "places"], ["found"]),
                ]
                : new[] { new Node("is", "Greater", ["scores", "least"], ["is"]), new Node("nz", "NonZero", ["is"], ["at"]) },
        ];
        Value found = chooses ? new("found", ElementType.Float32, null) : new("at", ElementType.Int64, null);
        var batch = kind.EndsWith("batch", StringComparison.Ordinal) ? Dimension.Named("N") : 1;
        var graph = new Graph("chooser", [new Value("input", ElementType.Float32, new Shape([batch, 3, Sample.Side, Sample.Side]))],
            kind.EndsWith("map", StringComparison.Ordinal) ? [found, new Value("map", ElementType.Float32, null)] : [found], nodes, constants);
        var opsets = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("", 17L)]);
        OnnxFile.Write(new Model(graph, opsets), _sample["model.onnx"]);
        return _sample["model.onnx"];
    }
}
