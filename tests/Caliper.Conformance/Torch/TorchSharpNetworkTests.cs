using System.Text.Json;
using Caliper.Graphs;
using Caliper.Testing;
using Caliper.Torch;
using Caliper.Torch.Modules;

namespace Caliper.Conformance.Torch;

public class TorchSharpNetworkTests
{
    private sealed class SmallNet : Module
    {
        private readonly Conv2d conv1 = new(3, 8, 3, padding: 1, bias: false);
        private readonly BatchNorm2d bn1 = new(8);
        private readonly ReLU relu = new();
        private readonly AdaptiveAvgPool2d pool = new(1);
        private readonly Flatten flatten = new();
        private readonly Linear fc = new(8, 10);

        protected override Signal Forward(Signal x) => x.Through(conv1, bn1, relu, pool, flatten, fc);
    }

    [Fact]
    public void A_network_described_in_twenty_lines_gives_the_output_of_TorchSharp()
    {
        using var fixture = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("fixtures", "torchsharp_small.json")));
        float[] Floats(string name) => [.. fixture.RootElement.GetProperty(name).EnumerateArray().Select(e => e.GetSingle())];
        var weights = Checkpoint.Load(SharedFolder.Path("fixtures", "torchsharp_small.dat"));
        using var model = new SmallNet().ToModel(weights, Shape.Of(3, 12, 12));

        var output = model.Run(Tensor.Of(Shape.Of(2, 3, 12, 12), Floats("input")));

        Assert.Equal(Shape.Of(2, 10), output.Shape);
        Assert.InRange(ModelRunning.LargestDifference(Floats("output"), output.Span<float>()), 0, Tolerances.SmallNetwork);
    }
}
