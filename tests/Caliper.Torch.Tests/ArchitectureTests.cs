using Caliper.Graphs;

namespace Caliper.Torch.Tests;

public class ArchitectureTests
{
    /// <summary>Counts published by torchvision, and by the authors of the CIFAR networks.</summary>
    [Theory]
    [InlineData("resnet18", 11_689_512)]
    [InlineData("resnet34", 21_797_672)]
    [InlineData("resnet50", 25_557_032)]
    [InlineData("mobilenet_v2", 3_504_872)]
    [InlineData("squeezenet1_0", 1_248_424)]
    [InlineData("squeezenet1_1", 1_235_496)]
    [InlineData("resnet20", 269_722)]
    [InlineData("resnet32", 464_154)]
    [InlineData("resnet44", 658_586)]
    [InlineData("resnet56", 853_018)]
    [InlineData("resnet110", 1_727_962)]
    public void An_architecture_has_the_published_number_of_parameters(string name, long published)
    {
        var weights = Architectures.Create(name).RandomWeights();
        var learned = weights.Where(w => !w.Key.Contains("running_", StringComparison.Ordinal));
        Assert.Equal(published, learned.Sum(w => (long)w.Value.Count));
    }

    [Fact]
    public void An_unknown_architecture_is_refused_with_the_names_there_are()
    {
        var error = Assert.Throws<CaliperException>(() => Architectures.Create("resnet21"));
        Assert.Contains("'resnet21'", error.Message, StringComparison.Ordinal);
        Assert.All(Architectures.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("resnet20")]
    [InlineData("squeezenet1_1")]
    [InlineData("mobilenet_v2")]
    public void The_number_of_classes_is_that_of_the_checkpoint(string name)
    {
        using var file = new TemporaryFile("seven.pth");
        Checkpoint.Save(Architectures.Create(name, classes: 7).RandomWeights(), file.Path);

        var output = TorchModel.Load(file.Path, name).Model.Graph.Outputs.Single();

        Assert.Equal("output: Float32 N×7", output.ToString());
    }

    [Fact]
    public void Another_size_of_image_may_be_asked_for()
    {
        var graph = TorchModel.Untrained("resnet20", inputShape: Shape.Of(3, 64, 48)).Model.Graph;
        Assert.Equal("N×3×64×48", graph.Inputs.Single().Shape.ToString());
        Assert.Equal("N×64×16×12", graph.Find("layer3.2.relu2")!.Shape.ToString());
    }

    [Fact]
    public void Weights_of_another_network_are_refused_by_the_names_of_file_and_network()
    {
        using var file = new TemporaryFile("other.pth");
        Checkpoint.Save(Architectures.Create("resnet20").RandomWeights(), file.Path);

        var error = Assert.Throws<CaliperException>(() => TorchModel.Load(file.Path, "resnet32"));

        Assert.Contains("other.pth", error.Message, StringComparison.Ordinal);
        Assert.Contains("network resnet32", error.Message, StringComparison.Ordinal);
        Assert.Contains("layer1.3.conv1.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_always_gives_the_same_weights()
    {
        static byte[] Weights(int seed) =>
            [.. Architectures.Create("resnet20").RandomWeights(seed).Values.SelectMany(t => t.Bytes.ToArray())];
        Assert.Equal(Weights(1), Weights(1));
        Assert.NotEqual(Weights(1), Weights(2));
    }
}
