using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Testing;

namespace Caliper.Tests;

public class PreparationTests
{
    [Fact]
    public void A_fused_layer_is_observed_once_after_its_activation()
    {
        using var prepared = TwoConvolutions().Fuse().Prepare(QConfig.Default);
        Assert.Equal(["x", "a.relu", "b.bn"], prepared.Observers.SelectMany(o => o.Site.Observed));
    }

    [Fact]
    public void Calling_a_prepared_model_gives_the_float_outputs_and_refines_the_observers()
    {
        var network = TwoConvolutions();
        using var fused = network.Fuse();
        using var prepared = fused.Prepare(QConfig.PyTorchDefault);
        Assert.All(prepared.Observers, o => Assert.False(o.Observer.HasObserved));

        var inputs = new TestModel().Input("x", -1, 3, 8, 8).Batch(4);
        var outputs = prepared.Run(inputs);
        Assert.InRange(Closeness.Decibels(fused.Run(inputs)["b.bn"], outputs["b.bn"]), Tolerances.FloatRoundingDecibels, double.PositiveInfinity);
        Assert.All(prepared.Observers, o => Assert.True(o.Observer.HasObserved));
        Assert.Equal(outputs["b.bn"].Span<float>().ToArray().Max(), prepared.Observers[^1].Observer.Maxs[0]);

        var before = prepared.Observers[0].Observer.CalculateQParams().Scale;
        prepared.Run(new TestModel().Input("x", -1, 3, 8, 8).Batch(4, spread: 5));
        Assert.True(prepared.Observers[0].Observer.CalculateQParams().Scale > before);
    }

    [Fact]
    public void Evaluating_a_prepared_model_calibrates_it()
    {
        using var prepared = TwoConvolutions().Fuse().Prepare(QConfig.Default);
        var network = new TestModel().Input("x", -1, 3, 8, 8);
        Evaluator.Evaluate(prepared, null, Enumerable.Range(0, 9).Select(_ => Batch.Of(network.Batch(2)[""])), evalBatches: 5);
        Assert.All(prepared.Observers, o => Assert.Equal(5, o.Observer.BatchCount));
    }

    [Fact]
    public void Layers_that_only_move_values_share_the_observer_of_what_they_move()
    {
        using var prepared = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4)
            .Node("MaxPool", "a.relu", "pooled", n => n.With("kernel_shape", 2, 2).With("strides", 2, 2))
            .Constant("shape", Tensor.Vector<long>(0, -1)).Node("Reshape", "pooled shape", "flat")
            .Weights("w", 0.5f, 64, 5).Node("MatMul", "flat w", "y").Output("y").Build().Fuse().Prepare(QConfig.Onednn);
        var site = prepared.Observers.Single(o => o.Site.Values.Contains("a.relu")).Site;
        Assert.Equal(["a.relu"], site.Observed);
        Assert.Equal(["a.relu", "flat", "pooled"], site.Values.Order());
    }

    [Fact]
    public void The_inputs_and_the_output_of_a_concat_share_one_observer()
    {
        using var prepared = Branches().Fuse().Prepare(QConfig.Default);
        var site = prepared.Observers.Single(o => o.Site.Values.Contains("joined")).Site;
        Assert.Equal(["joined"], site.Observed);
        Assert.Equal(["a.relu", "b.relu", "joined"], site.Values.Order());
    }

    [Fact]
    public void Biases_are_not_observed() =>
        Assert.DoesNotContain(TwoConvolutions().Fuse().Prepare(QConfig.Default).Plan.Weights,
            w => w.Initializer.EndsWith("bias", StringComparison.Ordinal));

    [Fact]
    public void Simulating_gives_other_outputs_for_the_same_input_while_statistics_refine()
    {
        using var prepared = TwoConvolutions().Fuse().Prepare(QConfig.Default, simulate: true);
        var inputs = new TestModel().Input("x", -1, 3, 8, 8).Batch(4);
        var unrounded = prepared.Run(inputs)["b.bn"].Span<float>().ToArray();
        var rounded = prepared.Run(inputs)["b.bn"].Span<float>().ToArray();
        prepared.Run(new TestModel().Input("x", -1, 3, 8, 8).Batch(4, spread: 6));
        var coarser = prepared.Run(inputs)["b.bn"].Span<float>().ToArray();
        Assert.NotEqual(unrounded, rounded);
        Assert.NotEqual(rounded, coarser);
        Assert.True(
            Closeness.Decibels(Tensor.Vector(unrounded), Tensor.Vector(rounded))
            > Closeness.Decibels(Tensor.Vector(unrounded), Tensor.Vector(coarser)));
    }

    [Fact]
    public void Frozen_observers_see_nothing_and_the_same_input_gives_the_same_output()
    {
        using var prepared = TwoConvolutions().Fuse().Prepare(QConfig.Default, simulate: true);
        var (inputs, others) = (new TestModel().Input("x", -1, 3, 8, 8).Batch(4), new TestModel(2).Input("x", -1, 3, 8, 8).Batch(4, spread: 6));
        prepared.Run(inputs);
        prepared.DisableObserver();
        var frozen = prepared.Run(inputs)["b.bn"].Span<float>().ToArray();
        var scales = prepared.Observers.Select(o => o.Observer.CalculateQParams()).ToArray();
        prepared.Run(others);
        Assert.Equal(frozen, prepared.Run(inputs)["b.bn"].Span<float>().ToArray());
        Assert.Equal(scales, prepared.Observers.Select(o => o.Observer.CalculateQParams()));
        prepared.EnableObserver();
        prepared.Run(others);
        Assert.NotEqual(frozen, prepared.Run(inputs)["b.bn"].Span<float>().ToArray());
    }

    [Fact]
    public void Simulation_ends_and_begins_when_asked_to()
    {
        using var fused = TwoConvolutions().Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var inputs = new TestModel().Input("x", -1, 3, 8, 8).Batch(4);
        var floats = prepared.Run(inputs)["b.bn"].Span<float>().ToArray();
        prepared.DisableObserver();
        prepared.EnableFakeQuant();
        var rounded = prepared.Run(inputs)["b.bn"].Span<float>().ToArray();
        Assert.NotEqual(floats, rounded);
        prepared.DisableFakeQuant();
        Assert.Equal(floats, prepared.Run(inputs)["b.bn"].Span<float>().ToArray());
    }

    [Fact]
    public void What_is_simulated_is_what_conversion_gives()
    {
        using var fused = Branches().Fuse();
        using var simulating = fused.Prepare(QConfig.Onednn, simulate: true);
        using var prepared = fused.Prepare(QConfig.Onednn);
        var inputs = new TestModel().Input("x", -1, 3, 8, 8).Batch(4);
        prepared.Run(inputs);
        simulating.Run(inputs);
        foreach (var (site, observer) in simulating.Observers)
        {
            // Simulation observes what rounding leaves of the values; give it the float model's statistics to compare.
            observer.Reset();
            foreach (var value in prepared.Observers.Where(o => o.Site.Id == site.Id))
                observer.Observe(Tensor.Vector(value.Observer.Mins[0], value.Observer.Maxs[0]));
        }
        using var quantized = prepared.Convert();
        simulating.Run(inputs);
        Assert.InRange(Closeness.Decibels(quantized.Run(inputs)["y"], simulating.Run(inputs)["y"]),
            Tolerances.SameIntegersDecibels, double.PositiveInfinity);
    }

    [Fact]
    public void A_prepared_model_prints_its_layers_and_under_each_its_observers()
    {
        using var prepared = TwoConvolutions().Fuse().Prepare(QConfig.PyTorchDefault);
        prepared.Run(new TestModel().Input("x", -1, 3, 8, 8).Batch(1));
        var lines = prepared.ToString().Split('\n').Select(l => l.Trim()).ToArray();
        var conv = Array.FindIndex(lines, l => l.StartsWith("(a): ConvReLU2d(3, 4, kernel_size=(3, 3)", StringComparison.Ordinal));
        Assert.True(conv > 0);
        Assert.Contains("N×4×8×8", lines[conv], StringComparison.Ordinal);
        Assert.Contains("MinMaxObserver", lines[conv + 1], StringComparison.Ordinal);
        Assert.StartsWith("(activation_post_process): MinMaxObserver(min_val=0", lines[conv + 2], StringComparison.Ordinal);
        Assert.Contains("refine", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_excluded_layer_stays_float_and_says_why()
    {
        using var prepared = TwoConvolutions().Fuse().Prepare(new QConfigMapping(QConfig.Default).SetNameGlob("b*", null));
        var plan = prepared.Plan.Layers.Single(l => l.Layer.Name == "b");
        Assert.False(plan.IsInteger);
        Assert.Equal("excluded", plan.Diagnostic!.Code);
    }

    [Fact]
    public void A_pattern_that_matches_no_layer_is_refused()
    {
        using var fused = TwoConvolutions().Fuse();
        var error = Assert.Throws<CaliperException>(() => fused.Prepare(new QConfigMapping(QConfig.Default).SetNameGlob("nothing*", null)));
        Assert.Contains("'nothing*'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_per_channel_observer_on_an_activation_is_refused_by_the_layers_name()
    {
        using var fused = TwoConvolutions().Fuse();
        var perChannel = QConfig.Default with { Activation = QConfig.Default.Weight };
        var error = Assert.Throws<CaliperException>(() => fused.Prepare(perChannel));
        Assert.StartsWith("'a': an activation has one scale", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_without_an_int8_form_is_an_island_with_a_reason()
    {
        using var prepared = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4).Node("Exp", "a.relu", "e")
            .ConvBlock("b", "e", 4, 4).Output("b.relu").Build().Fuse().Prepare(QConfig.Default);
        var diagnostic = Assert.Single(prepared.Plan.Diagnostics);
        Assert.Equal(("float-island", "e"), (diagnostic.Code, diagnostic.Place));
    }

    [Fact]
    public void An_image_is_quantized_before_it_is_transposed()
    {
        using var prepared = new TestModel().Input("x", -1, 8, 8, 3).Node("Transpose", "x", "t", n => n.With("perm", 0, 3, 1, 2))
            .ConvBlock("a", "t", 3, 4).Output("a.relu").Build().Fuse().Prepare(QConfig.Default);
        Assert.True(prepared.Plan.Layers.Single(l => l.Layer.Operation.OpType == "Transpose").IsInteger);
        Assert.Equal(["x", "t"], prepared.Observers[0].Site.Values);
    }

    [Theory]
    [InlineData("Sigmoid", 1 / 256f, 0)]
    [InlineData("Tanh", 2 / 256f, 128)]
    [InlineData("Softmax", 1 / 256f, 0)]
    public void A_function_has_the_fixed_range_that_it_cannot_leave_where_the_qconfig_says_so(string function, float scale, int zeroPoint)
    {
        Assert.Equal(QuantizationParameters.PerTensor(QuantizedType.QUInt8, scale, zeroPoint), ParametersOf(function, QConfig.Onednn));
        // Ours looks at what comes: it is narrower.
        Assert.InRange(ParametersOf(function, QConfig.Default).Scale, 0, 0.99f * scale);
    }

    [Theory]
    [InlineData("Sigmoid", "minmax")]
    [InlineData("HardSigmoid", "minmax")]
    [InlineData("Tanh", "minmax")]
    [InlineData("Softmax", "sqnr(1.5)")]
    [InlineData("HardSwish", "sqnr(1.5)")]
    public void Nothing_of_a_gate_is_cut(string function, string method)
    {
        using var prepared = Inner(function).Fuse().Prepare(QConfig.Default);
        Assert.Equal(method, ((StatisticsSpec)prepared.Plan.Sites.Single(s => s.Name == "s").Spec).Method.ToString());
    }

    [Fact]
    public void A_softmax_keeps_its_scale_where_ONNX_Runtime_does_not_overflow()
    {
        // 4 channels: 1/scale may be 512. Joined to another tensor the same holds for what they share.
        var qconfig = QConfig.Default with { Activation = ObserverSpec.FixedQParams(1e-6f, 0) };
        using var alone = Inner("Softmax").Fuse().Prepare(qconfig);
        Assert.Equal(1f / 512, alone.Plan.Sites.Single(s => s.Values.Contains("s")).Spec.Eps);
        using var joined = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4).Node("Softmax", "a.relu", "s", n => n.With("axis", 1))
            .Node("Concat", "s a.relu", "both", n => n.With("axis", 1)).ConvBlock("b", "both", 8, 4).Output("b.relu").Build().Fuse().Prepare(qconfig);
        Assert.Equal(1f / 512, joined.Plan.Sites.Single(s => s.Values.Contains("s")).Spec.Eps);
    }

    private static FloatModel Inner(string function) => new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4)
        .Node(function, "a.relu", "s", n => function == "Softmax" ? n.With("axis", 1) : n).ConvBlock("b", "s", 4, 4).Output("b.relu").Build();

    private static QuantizationParameters ParametersOf(string function, QConfig qconfig)
    {
        using var prepared = Inner(function).Fuse().Prepare(qconfig);
        prepared.Run(new TestModel().Input("x", -1, 3, 8, 8).Batch(1));
        return prepared.Observers.Single(o => o.Site.Name == "s").Observer.CalculateQParams();
    }

    internal static FloatModel TwoConvolutions() => new TestModel().Input("x", -1, 3, 8, 8)
        .ConvBlock("a", "x", 3, 4).ConvBlock("b", "a.relu", 4, 5, relu: false).Output("b.bn").Build();

    internal static FloatModel Branches() => new TestModel().Input("x", -1, 3, 8, 8)
        .ConvBlock("a", "x", 3, 4).ConvBlock("b", "x", 3, 6).Node("Concat", "a.relu b.relu", "joined", n => n.With("axis", 1))
        .Node("GlobalAveragePool", "joined", "pooled").Node("Flatten", "pooled", "flat")
        .Weights("w", 0.5f, 10, 5).Weights("c", 0.5f, 5).Node("Gemm", "flat w c", "y").Output("y").Build();
}
