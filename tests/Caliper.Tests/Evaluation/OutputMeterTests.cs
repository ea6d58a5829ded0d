using Caliper.Evaluation;
using Caliper.Graphs;

namespace Caliper.Tests.Evaluation;

public class OutputMeterTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_part_of_a_joined_output_is_measured_by_itself(bool transposed)
    {
        var model = new TestModel().Input("boxes", -1, 3, 5).Input("scores", -1, 2, 5)
            .Node("Concat", "boxes scores", transposed ? "both" : "y", n => n.With("axis", -2));
        if (transposed) model = model.Node("Transpose", "both", "y", n => n.With("perm", 0, 2, 1));
        using var built = model.Output("y").Build();
        var inputs = new Dictionary<string, Tensor>
        {
            ["boxes"] = new TestModel(1).RandomTensor(Shape.Of(4, 3, 5), 300),
            ["scores"] = new TestModel(2).RandomTensor(Shape.Of(4, 2, 5), 1),
        };
        var worse = new Dictionary<string, Tensor>(inputs) { ["scores"] = new TestModel(3).RandomTensor(Shape.Of(4, 2, 5), 1) };
        var meter = OutputMeter.Of(built.Model.Graph, "y");
        meter.Update(built.Run(inputs)["y"], built.Run(worse)["y"], ["a", "b", "c", "d"]);
        var result = meter.Result;
        Assert.True(result.Decibels > 40); // What scores are wrong by is nothing beside boxes.
        Assert.Equal(["boxes", "scores"], result.Parts.Select(p => p.Output));
        Assert.Equal(double.PositiveInfinity, result.Parts[0].Decibels);
        Assert.Equal(Closeness.Decibels(inputs["scores"], worse["scores"]), result.Parts[1].Decibels, 1e-9);
    }

    [Fact]
    public void An_infinity_in_both_is_no_difference_and_one_in_either_is_infinite()
    {
        var meter = new SqnrMeter();
        meter.Update([float.NegativeInfinity, 2, float.NaN], [float.NegativeInfinity, 1, float.NaN]);
        Assert.Equal(10 * Math.Log10(4), meter.Decibels, 1e-12);
        meter.Update([1], [float.NegativeInfinity]);
        Assert.Equal(double.NegativeInfinity, meter.Decibels);
    }
}
