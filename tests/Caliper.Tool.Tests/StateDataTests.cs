using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Tool.Tests;

/// <summary>Data of networks with states: samples along other axes, and batches whose size the network says.</summary>
public sealed class StateDataTests : IDisposable
{
    private const int Samples = 10;
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Samples_along_the_second_axis_are_found_or_said_and_give_the_same_network()
    {
        var model = Model(Dimension.Named("N"));
        var rows = Data("rows.npz", samplesFirst: true);
        var axis = Data("axis.npz", samplesFirst: false);
        string[][] ways = [["--data", rows], ["--data", axis], ["--data", axis, "--input-axis", "state=1", "--input-axis", "x=0"]];
        var files = ways.Select((way, i) =>
        {
            var output = _sample[$"{i}.onnx"];
            Succeeds(["quantize", model, .. way, "-o", output]);
            Succeeds(["calibrate", model, .. way, "-o", _sample[$"{i}.calib"]]);
            Succeeds(["compare", model, output, .. way]);
            Assert.Equal(Samples, Succeeds(["evaluate", output, "--against", model, .. way, "--format", "json"]).Json.GetProperty("evaluation")
                .GetProperty("samples").GetInt32());
            return File.ReadAllBytes(output);
        }).ToArray();
        Assert.Equal(files[0], files[1]);
        Assert.Equal(files[0], files[2]);
    }

    [Fact]
    public void An_axis_that_cannot_be_is_refused()
    {
        var model = Model(Dimension.Named("N"));
        var axis = Data("axis.npz", samplesFirst: false);
        ToolRun.Of("evaluate", model, "--data", axis, "--input-axis", "state=3").AssertFailed("state", "none is 3");
        ToolRun.Of("evaluate", model, "--data", axis, "--input-axis", "sate=1").AssertFailed("'sate'", "Did you mean 'state'");
        ToolRun.Of("evaluate", model, "--data", axis, "--input-axis", "state").AssertUsageError("IN=AXIS", "'state'");
        ToolRun.Of("evaluate", model, "--data", axis, "--input-axis", "state=1", "--input-axis", "state=0").AssertUsageError("'state' twice");
        ToolRun.Of("evaluate", model, "--data", _sample.Images(), "--input-axis", "x=1").AssertFailed("holds no arrays");
    }

    [Fact]
    public void A_batch_that_is_built_in_is_the_size_of_batches_and_what_fills_none_is_named()
    {
        var model = Model(4, hasState: false);
        var data = Data("x.npz", samplesFirst: true, hasState: false);
        var run = Succeeds(["quantize", model, "--data", data, "--batch-size", "3", "-o", _sample["4.onnx"]]);
        Assert.Contains("last 2 of 10 samples", run.Output + run.Error, StringComparison.Ordinal);
        var json = Succeeds(["evaluate", _sample["4.onnx"], "--against", model, "--data", data, "--format", "json"]).Json;
        Assert.Equal(8, json.GetProperty("evaluation").GetProperty("samples").GetInt32());
        Succeeds(["calibrate", model, "--data", data, "-o", _sample["4.calib"]]);
        Succeeds(["compare", model, _sample["4.onnx"], "--data", data]);
    }

    [Fact]
    public void A_network_without_a_batch_takes_every_sample_that_the_array_has()
    {
        var model = Model(null, hasState: false);
        string[] data = ["--data", Data("x.npz", samplesFirst: true, hasState: false)];
        var quantized = Succeeds(["quantize", model, .. data, "-o", _sample["one.onnx"], "--format", "json"]).Json;
        var evaluated = Succeeds(["evaluate", _sample["one.onnx"], "--against", model, .. data, "--format", "json"]).Json;
        Assert.All([quantized.GetProperty("calibration"), quantized.GetProperty("evaluation"), evaluated.GetProperty("evaluation")],
            d => Assert.Equal(Samples, d.GetProperty("samples").GetInt32()));
        Succeeds(["calibrate", model, .. data, "-o", _sample["one.calib"]]);
        Succeeds(["quantize", model, "--calibration", _sample["one.calib"], "-o", _sample["again.onnx"]]);
        Succeeds(["tune", model, .. data, "-o", _sample["tuned.onnx"], "--target", "sqnr 30"]);
        Succeeds(["compare", model, _sample["one.onnx"], .. data]);
        Succeeds(["bench", _sample["one.onnx"], .. data, "--seconds", "1"]);
        ToolRun.Of("bench", _sample["one.onnx"], "--batch", "4").AssertFailed("batch of 4");
        ToolRun.Of("bench", Model(Dimension.Named("N"), hasState: false), "--batch", "2000000000").AssertFailed("'x'", "2000000000×16");
    }

    private static ToolRun Succeeds(string[] args)
    {
        var run = ToolRun.Of(args);
        Assert.True(run.ExitCode == 0, string.Join(' ', args) + Environment.NewLine + run.Output + run.Error);
        return run;
    }

    /// <summary>(x + the sum of two states) · weights.</summary>
    private string Model(Dimension? batch, bool hasState = true)
    {
        var random = new Random(3);
        var weights = Tensor.Of(Shape.Of(16, 16), [.. Enumerable.Range(0, 256).Select(_ => random.NextSingle() - 0.5f)]);
        Value x = new("x", ElementType.Float32, batch is { } size ? new Shape([size, 16]) : Shape.Of(16));
        Value state = new("state", ElementType.Float32, new Shape([2, batch ?? 1, 16]));
        Node[] states = [new("sum", "ReduceSum", ["state", "axes"], ["both"]), new("add", "Add", ["x", "both"], ["fed"])];
        var graph = new Graph("state", hasState ? [x, state] : [x], [new("y", ElementType.Float32, null)],
            [.. hasState ? states.Select(n => n.OpType == "ReduceSum" ? n.With("keepdims", 0) : n) : [new Node("relu", "Relu", ["x"], ["fed"])],
                new("product", "MatMul", ["fed", "w"], ["y"])],
            ImmutableSortedDictionary.Create<string, Tensor>(StringComparer.Ordinal).Add("w", weights).Add("axes", Tensor.Vector(0L)));
        OnnxFile.Write(new Model(graph, ImmutableSortedDictionary<string, long>.Empty.Add("", 17)), _sample["model.onnx"]);
        return _sample["model.onnx"];
    }

    private string Data(string name, bool samplesFirst, bool hasState = true)
    {
        float Of(int layer, int sample, int i) => MathF.Sin(31 * layer + 7 * sample + i);
        var x = Tensor.Of(Shape.Of(Samples, 16), [.. Enumerable.Range(0, Samples * 16).Select(i => Of(2, i / 16, i % 16))]);
        float[] states = samplesFirst
            ? [.. Enumerable.Range(0, Samples * 32).Select(i => Of(i / 16 % 2, i / 32, i % 16))]
            : [.. Enumerable.Range(0, Samples * 32).Select(i => Of(i / 16 / Samples, i / 16 % Samples, i % 16))];
        var state = Tensor.Of(samplesFirst ? Shape.Of(2 * Samples, 1, 16) : Shape.Of(2, Samples, 16), states);
        return hasState ? _sample.Arrays(name, ("x", x), ("state", state)) : _sample.Arrays(name, ("x", x));
    }
}
