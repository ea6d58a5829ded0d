using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Tests;

/// <summary>Whether the engine can run a network is asked of what the network will be fed, where somebody knows that.</summary>
public class RefusalTests
{
    [Fact]
    public void What_fits_one_length_only_is_refused_for_others_and_runs_on_that()
    {
        using var model = new TestModel().Input("x", 1, -2).Constant("shape", Tensor.Vector(1L, 7, 11)).Weights("w", 0.5f, 11, 4)
            .Node("Reshape", "x shape", "h").Node("MatMul", "h w", "y").Output("y").Build();
        Assert.Contains("'h'", CaliperBackend.WhyNot(model.Model)!.Message, StringComparison.Ordinal);
        Assert.Null(CaliperBackend.WhyNot(model.Model, Of(77)));
        Assert.NotNull(CaliperBackend.WhyNot(model.Model, Of(78)));

        static Dictionary<string, Tensor> Of(int length) => new() { ["x"] = Tensor.Of(Shape.Of(1, length), new float[length]) };
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ONNX_Runtime_keeps_the_zeros_of_a_Pad_before_a_pool(int pad)
    {
        using var built = new TestModel().Input("x", 1, 1, 4, 4).Constant("pads", Tensor.Vector<long>(0, 0, pad, pad, 0, 0, pad, pad))
            .Node("Pad", "x pads", "b").Node("MaxPool", "b", "y", n => n.With("kernel_shape", 3, 3)).Output("y").Build();
        using var model = FloatModel.Load(built.ToBytes());
        var y = model.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Of(Shape.Of(1, 1, 4, 4), [.. Enumerable.Repeat(-36f, 16)]) })["y"];
        var inside = (pad == 1 ? 4 : 8) - 2 * pad;
        Assert.Equal(inside * inside, y.Span<float>().ToArray().Count(v => v == -36));
        Assert.Equal(0, y.Span<float>()[0]);
    }

    [Fact]
    public void A_network_without_free_axes_is_asked_without_running_it()
    {
        using var model = new TestModel().Input("x", -1, 11).Weights("w", 0.5f, 11, 4).Node("MatMul", "x w", "y").Output("y").Build();
        Assert.Null(CaliperBackend.WhyNot(model.Model, new Dictionary<string, Tensor>()));
    }
}
