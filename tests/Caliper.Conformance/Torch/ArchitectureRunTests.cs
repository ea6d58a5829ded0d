using Caliper.Graphs;
using Caliper.Torch;

namespace Caliper.Conformance.Torch;

public class ArchitectureRunTests
{
    public static TheoryData<string> AllNames => [.. Architectures.Names];

    [Theory]
    [MemberData(nameof(AllNames))]
    public void Every_architecture_runs_on_batches_of_any_size(string name)
    {
        var architecture = Architectures.Get(name);
        var model = TorchModel.Untrained(name);
        foreach (var batch in new[] { 1, 2 })
        {
            var shape = new Shape([batch, .. architecture.InputShape.Dimensions]);
            var pixels = new float[shape.ElementCount];
            for (var i = 0; i < pixels.Length; i++) pixels[i] = MathF.Sin(i * 0.1f);

            var output = model.Run(Tensor.Of(shape, pixels));

            Assert.Equal(Shape.Of(batch, architecture.Classes), output.Shape);
            Assert.All(output.Span<float>().ToArray(), v => Assert.True(float.IsFinite(v)));
            Assert.True(output.Span<float>().ToArray().Distinct().Count() > architecture.Classes / 4, "the outputs do not differ");
        }
    }
}
