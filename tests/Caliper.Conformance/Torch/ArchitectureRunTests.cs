using Caliper.Graphs;
using Caliper.Torch;

namespace Caliper.Conformance.Torch;

public class ArchitectureRunTests
{
    public static TheoryData<string> AllNames => [.. Architectures.Names];

    [Theory]
    [MemberData(nameof(AllNames))]
    public void Every_architecture_runs_on_a_batch(string name)
    {
        var architecture = Architectures.Get(name);
        var shape = new Shape([2, .. architecture.InputShape.Dimensions]);
        var pixels = new float[shape.ElementCount];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = MathF.Sin(i * 0.1f);

        using var model = TorchModel.Untrained(name);
        var output = model.Run(Tensor.Of(shape, pixels));

        var values = output.Span<float>().ToArray();
        Assert.Equal(Shape.Of(2, architecture.Classes), output.Shape);
        Assert.All(values, v => Assert.True(float.IsFinite(v)));
        Assert.True(values.Distinct().Count() > architecture.Classes / 4, "the outputs do not differ");
    }
}
