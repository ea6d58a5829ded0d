using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Torch.Modules;
using Caliper.Torch.Networks;

namespace Caliper.Torch;

/// <summary>The networks that are known by name, with the parameter names of their usual PyTorch definitions.</summary>
public static class Architectures
{
    private static readonly Shape Small = Shape.Of(3, 32, 32);
    private static readonly Shape ImageNet = Shape.Of(3, 224, 224);

    private static readonly ImmutableSortedDictionary<string, Architecture> Known = new Architecture[]
    {
        CifarResNet(20), CifarResNet(32), CifarResNet(44), CifarResNet(56), CifarResNet(110),
        new("resnet18", ImageNet, 1000, "fc.weight", c => new ResNet([2, 2, 2, 2], bottleneck: false, c)),
        new("resnet34", ImageNet, 1000, "fc.weight", c => new ResNet([3, 4, 6, 3], bottleneck: false, c)),
        new("resnet50", ImageNet, 1000, "fc.weight", c => new ResNet([3, 4, 6, 3], bottleneck: true, c)),
        new("mobilenet_v2", ImageNet, 1000, "classifier.1.weight", MobileNetV2.OfThePaper),
        new("glyphs", Small, 36, "classifier.1.weight", MobileNetV2.OfGlyphs),
        new("squeezenet1_0", ImageNet, 1000, "classifier.1.weight", SqueezeNet.Version10),
        new("squeezenet1_1", ImageNet, 1000, "classifier.1.weight", SqueezeNet.Version11),
    }.ToImmutableSortedDictionary(a => a.Name, a => a, StringComparer.Ordinal);

    /// <summary>The names, sorted.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Known.Keys];

    /// <summary>What is known under a name.</summary>
    /// <exception cref="CaliperException">No network has this name; the message lists those there are.</exception>
    public static Architecture Get(string name) => Known.TryGetValue(name, out var architecture)
        ? architecture
        : throw new CaliperException($"There is no architecture '{name}'; known are {string.Join(", ", Names)}."
            + Suggestion.For(name, Names));

    /// <summary>The network of a name, for its own number of classes or another.</summary>
    /// <exception cref="CaliperException">No network has this name; the message lists those there are.</exception>
    public static Module Create(string name, int? classes = null) => Get(name).Create(classes);

    private static Architecture CifarResNet(int depth) =>
        new($"resnet{depth}", Small, 10, "linear.weight", c => new CifarResNet(depth, c));
}
