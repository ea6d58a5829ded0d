using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Testing;

namespace Caliper.Tests;

/// <summary>Numbers may be small: a recording in volts, weights that a normalization undoes.</summary>
public class SmallSignalTests
{
    [Theory]
    [InlineData(1e-12f, 1f)]
    [InlineData(1f, 1e-8f)]
    [InlineData(1e-12f, 1e-8f)]
    [InlineData(1e-15f, 1e-16f)]
    public void Signals_and_weights_far_below_PyTorchs_least_scale_keep_their_digits(float signal, float weight)
    {
        foreach (var backend in new IExecutionBackend[] { CaliperBackend.Instance, OnnxRuntimeBackend.Instance })
            Assert.InRange(Sqnr(signal, weight, QConfig.Default, backend), Tolerances.Int8Decibels, 100);
    }

    [Fact]
    public void PyTorchs_qconfigs_keep_its_least_scale() => Assert.InRange(Sqnr(1e-12f, 1, QConfig.Onednn, OnnxRuntimeBackend.Instance), -1, 1);

    [Fact]
    public void A_tensor_of_zeros_says_nothing_about_its_scale()
    {
        using var model = new TestModel().Input("x", -1, 6).Weights("w", 0.5f, 6, 5).Node("MatMul", "x w", "y").Output("y").Build();
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        prepared.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(Shape.Of(2, 6), new float[12]) });
        Assert.Equal(1.1920929e-7f, prepared.Observers[0].Observer.CalculateQParams().Scale);
        using var converted = prepared.Convert();
        Assert.All(converted.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(Shape.Of(1, 6), new float[6]) })["y"].Span<float>().ToArray(),
            y => Assert.Equal(0, y));
    }

    private static double Sqnr(float signal, float weight, QConfig qconfig, IExecutionBackend backend)
    {
        var images = new TestModel(5).RandomTensor(Shape.Of(8, 3, 6, 6), signal);
        var inputs = new Dictionary<string, Tensor> { ["x"] = images };
        using var model = new TestModel().Input("x", -1, 3, 6, 6).Weights("a", weight, 8, 3, 3, 3).Weights("b", 1, 4, 8, 1, 1)
            .Node("Conv", "x a", "h").Node("Relu", "h", "r").Node("Conv", "r b", "y").Output("y").Build();
        using var prepared = model.Fuse().Prepare(qconfig);
        prepared.Run(inputs);
        using var converted = prepared.Convert();
        using var runner = new QuantizedModel(converted.Model, [], new ExecutionOptions { Int8Backend = backend });
        return Closeness.Decibels(model.Run(inputs)["y"], runner.Run(inputs)["y"]);
    }
}
