using Caliper.Calibration;
using Caliper.Data;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Caliper.Operators;
using Google.Protobuf;

namespace Caliper.Tests;

/// <summary>Layers in the branches of an If are layers like all others; a branch that data never reach stays float and is told.</summary>
public class BranchTests
{
    [Fact]
    public void The_opened_network_computes_what_its_file_computes()
    {
        using var model = Verifier();
        using var fused = model.Fuse();
        Assert.Contains(fused.Layers, l => l.OpType == "Conv" && l.Name.Contains("/then/", StringComparison.Ordinal));
        foreach (var sign in (float[])[1, -1])
        {
            var fed = Fed(1, sign);
            Assert.Equal(model.Run(fed)["y"].Span<float>().ToArray(), fused.Run(fed)["y"].Span<float>().ToArray(), Close);
        }
    }

    [Fact]
    public void Both_branches_become_int8_where_data_reach_both()
    {
        using var quantized = Quantized([1, -1]);
        var file = OnnxFile.Read(quantized.ToBytes());
        // A file holds Ifs, and each body computes in integers what it needs alone.
        var conditional = Assert.Single(file.Graph.Nodes, n => n.Is("If"));
        Assert.DoesNotContain(file.Graph.Nodes, n => n.Is("Conv"));
        Assert.Equal(2, conditional.Attributes.Count);
        using var loaded = QuantizedModel.Load(quantized.ToBytes());
        Assert.Equal(2, loaded.Model.Graph.Nodes.Count(n => n.Is("Conv") && ReadsInt8(loaded.Model.Graph, n)));
        using var floats = Verifier();
        foreach (var sign in (float[])[1, -1])
        {
            var (real, got) = (floats.Run(Fed(4, sign))["y"], loaded.Run(Fed(4, sign))["y"]);
            Assert.True(MeasuredSqnr(real, got) > 25);
            Assert.Equal(got.Span<float>().ToArray(), quantized.Run(Fed(4, sign))["y"].Span<float>().ToArray());
        }
    }

    [Fact]
    public void A_branch_that_no_sample_took_stays_float_and_is_told()
    {
        using var quantized = Quantized([1]);
        Assert.Contains(quantized.Diagnostics, d => d.Code == "unreached"
            && d.Message == "The else branch of 'verify' was never reached by these samples: it stays float.");
        using var loaded = QuantizedModel.Load(quantized.ToBytes());
        Assert.Single(loaded.Model.Graph.Nodes, n => n.Is("Conv") && ReadsInt8(loaded.Model.Graph, n));
        using var floats = Verifier();
        var (real, got) = (floats.Run(Fed(2, -1))["y"], loaded.Run(Fed(2, -1))["y"]);
        Assert.Equal(real.Span<float>().ToArray(), got.Span<float>().ToArray(), Close);
    }

    [Fact]
    public void Statistics_of_a_branch_are_of_the_samples_that_took_it()
    {
        using var fused = Verifier().Fuse();
        using var calibrator = new Calibrator(fused);
        foreach (var (sign, name) in new[] { (1f, "a"), (-1f, "b"), (1f, "c") })
            calibrator.Observe(new Batch(Fed(1, sign), null, [name]));
        var counts = calibrator.Statistics.Tensors.ToDictionary(t => t.Key, t => t.Value.All.Count);
        Assert.Equal(2 * counts["verify/else/relu"], counts["verify/then/relu"]);
    }

    [Fact]
    public void What_a_branch_returns_can_be_looked_at_too()
    {
        using var fused = Verifier().Fuse();
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(new Batch(Fed(1, 1), null, ["a"]));
        Assert.Equal(3, calibrator.Statistics.Tensors["verify/then/out"].All.Count);
        Assert.Equal(0, calibrator.Statistics.Tensors["verify/else/out"].All.Count);
    }

    [Fact]
    public void An_If_whose_condition_is_constant_is_gone()
    {
        using var fused = Verifier(isConstant: true).Fuse();
        Assert.DoesNotContain(fused.Model.Graph.Nodes, n => n.OpType == "If");
        Assert.Single(fused.Layers, l => l.OpType == "Conv");
    }

    [Fact]
    public void Branches_in_branches_are_opened_and_closed_again()
    {
        using var model = Nested();
        using var fused = model.Fuse();
        Assert.Equal(2, fused.Model.Graph.Nodes.Count(Conditional.Is));
        using var prepared = fused.Prepare(QConfig.Default);
        foreach (var (outer, inner) in new[] { (true, true), (true, false), (false, true) }) prepared.Run(Fed(outer, inner));
        using var quantized = prepared.Convert();
        using var loaded = QuantizedModel.Load(quantized.ToBytes());
        Assert.Equal(3, loaded.Model.Graph.Nodes.Count(n => n.Is("Gemm") && ReadsInt8(loaded.Model.Graph, n)));
        foreach (var (outer, inner) in new[] { (true, true), (true, false), (false, true) })
            Assert.True(MeasuredSqnr(model.Run(Fed(outer, inner))["y"], loaded.Run(Fed(outer, inner))["y"]) > 25);
    }

    [Fact]
    public void Names_stay_when_a_file_is_opened_again()
    {
        using var quantized = Quantized([1, -1]);
        using var loaded = QuantizedModel.Load(quantized.ToBytes());
        Assert.Contains(loaded.Model.Graph.Nodes, n => n.Outputs.Contains("verify/then/hidden") || n.Name == "verify/then/hidden");
        Assert.Equal(quantized.ToBytes(), loaded.ToBytes());
    }

    [Fact]
    public void A_network_that_is_nothing_but_a_loop_is_refused_in_words()
    {
        using var model = Looped();
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        prepared.Run(new Dictionary<string, Tensor> { ["x"] = new TestModel(7).RandomTensor(Shape.Of(1, 8), 1) });
        var error = Assert.Throws<CaliperException>(() => prepared.Convert());
        Assert.Contains("Nothing of the network would become int8", error.Message, StringComparison.Ordinal);
        Assert.Contains("layers inside of this Loop stay float", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Three steps of h = h·w, in a Loop.</summary>
    private static FloatModel Looped()
    {
        using var step = new TestModel().Input(ElementType.Int64, "i").Input(ElementType.Boolean, "goes").Input("h", 1, 8).Weights("w", 0.3f, 8, 8)
            .Node("Identity", "goes", "on").Node("MatMul", "h w", "next").Output("on", ElementType.Boolean).Output("next").Build();
        var body = new AttributeProto { Type = AttributeProto.Types.AttributeType.Graph, G = ModelProto.Parser.ParseFrom(step.ToBytes()).Graph };
        return new TestModel().Input("x", 1, 8).Constant("three", Tensor.Scalar(3L)).Constant("yes", Tensor.Of(Shape.Scalar, [true]))
            .Node("Loop", "three yes x", "y", n => n.With("body", new AttributeValue.Subgraph([], body.ToByteArray()))).Output("y").Build();
    }

    /// <summary>y = if max(x) > 0 then a convolution and a Gemm, else others.</summary>
    private static FloatModel Verifier(bool isConstant = false)
    {
        var model = new TestModel().Input("x", 1, 2, 8, 8).Constant("zero", Tensor.Scalar(0f)).Constant("yes", Tensor.Of(Shape.Scalar, [true]))
            .Node("ReduceMax", "x", "most", n => n.With("keepdims", 0)).Node("Greater", "most zero", "positive");
        foreach (var branch in (string[])["then", "else"])
        {
            var p = $"verify/{branch}/";
            model.Weights(p + "w", 0.4f, 4, 2, 3, 3).Weights(p + "v", 0.2f, 4 * 36, 3).Weights(p + "b", 0.2f, 3)
                .Node("Conv", $"x {p}w", p + "hidden").Node("Relu", p + "hidden", p + "relu").Node("Flatten", p + "relu", p + "flat")
                .Node("Gemm", $"{p}flat {p}v {p}b", p + "out");
        }
        var condition = isConstant ? "yes" : "positive";
        return Reread(model.Conditional("verify", condition, "verify/then/out", "verify/else/out", "y").Output("y"));
    }

    private static FloatModel Nested()
    {
        var model = new TestModel().Input("x", 1, 16).Input(ElementType.Boolean, "outer").Input(ElementType.Boolean, "inner");
        foreach (var p in (string[])["n1", "n2", "n3"]) model.Weights(p + "w", 0.4f, 16, 5).Weights(p + "b", 0.4f, 5).Node("Gemm", $"x {p}w {p}b", p);
        return Reread(model.Conditional("deep", "inner", "n1", "n2", "n12").Conditional("top", "outer", "n12", "n3", "y").Output("y"));
    }

    /// <summary>As a file has it: with bodies.</summary>
    private static FloatModel Reread(TestModel made)
    {
        using var flat = made.Build();
        var read = FloatModel.Load(flat.ToBytes());
        Assert.DoesNotContain(read.Model.Graph.Nodes, Conditional.Is);
        return read;
    }

    private static QuantizedModel Quantized(float[] signs)
    {
        using var model = Verifier();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        foreach (var sign in signs)
            for (var i = 0; i < 4; i++) prepared.Run(Fed(1, sign, i));
        return prepared.Convert();
    }

    private static Dictionary<string, Tensor> Fed(int count, float sign, int seed = 0)
    {
        var random = new Random(seed);
        return new() { ["x"] = Tensor.Of(Shape.Of(count, 2, 8, 8), [.. Enumerable.Range(0, count * 128).Select(_ => sign * random.NextSingle())]) };
    }

    private static Dictionary<string, Tensor> Fed(bool outer, bool inner) => new()
    {
        ["x"] = new TestModel(7).RandomTensor(Shape.Of(1, 16), 1),
        ["outer"] = Tensor.Of(Shape.Scalar, [outer]),
        ["inner"] = Tensor.Of(Shape.Scalar, [inner]),
    };

    private static bool Close(float a, float b) => MathF.Abs(a - b) <= 1e-5f * (1 + MathF.Abs(a));

    private static bool ReadsInt8(Graph graph, Node node) => graph.ProducerOf(node.Inputs[0])?.OpType == "DequantizeLinear";

    private static double MeasuredSqnr(Tensor real, Tensor got)
    {
        var (a, b) = (real.Span<float>().ToArray(), got.Span<float>().ToArray());
        return 10 * Math.Log10(a.Sum(v => (double)v * v) / a.Zip(b, (x, y) => Math.Pow(x - y, 2)).Sum());
    }
}
