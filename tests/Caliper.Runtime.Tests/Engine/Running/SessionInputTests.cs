using Caliper.Graphs;

namespace Caliper.Runtime.Tests.Engine.Running;

public sealed class SessionInputTests
{
    [Fact]
    public void An_input_that_was_not_fed_is_told_with_the_names_that_were()
    {
        using var session = Int8Session.FromModel(Small());
        var tensor = Tensor.Of(Shape.Of(1, 8), new float[8]);
        Assert.Equal("The model's input 'x' was not fed; fed were 'X', 'y'.", Refused(new() { ["X"] = tensor, ["y"] = tensor }));
        Assert.Equal("The model's input 'x' was not fed.", Refused([]));
        Assert.StartsWith("The model's input 'x' was not fed", Refused(new() { ["x"] = null! }), StringComparison.Ordinal);

        string Refused(Dictionary<string, Tensor> inputs) => Assert.Throws<CaliperException>(() => session.Run(inputs)).Message;
    }

    [Fact]
    public void Bytes_for_floats_are_told_with_both_types()
    {
        using var session = Int8Session.FromModel(Small());
        var error = Assert.Throws<ArgumentException>(() => session.Run(new byte[8], new float[4]));
        Assert.Equal("The network takes Float32 and gives Float32, not UInt8 and Float32.", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Warmup(-1));
    }

    private static Model Small() =>
        new SmallModel().Input("x", 1, 8).Ones("w", 8, 4).Ones("c", 4).Node("Gemm", "x w c", "y").Build("y");
}
