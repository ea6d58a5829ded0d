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

    [Fact]
    public void A_network_without_free_axes_is_asked_without_running_it()
    {
        using var model = new TestModel().Input("x", -1, 11).Weights("w", 0.5f, 11, 4).Node("MatMul", "x w", "y").Output("y").Build();
        Assert.Null(CaliperBackend.WhyNot(model.Model, new Dictionary<string, Tensor>()));
    }
}
