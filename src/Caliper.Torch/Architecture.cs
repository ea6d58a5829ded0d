using Caliper.Graphs;
using Caliper.Torch.Modules;

namespace Caliper.Torch;

/// <summary>A network that is known by name.</summary>
public sealed class Architecture
{
    private readonly string _classifierWeight;
    private readonly Func<int, Module> _create;

    internal Architecture(string name, Shape inputShape, int classes, string classifierWeight, Func<int, Module> create) =>
        (Name, InputShape, Classes, _classifierWeight, _create) = (name, inputShape, classes, classifierWeight, create);

    /// <summary>What it is called, as in <c>torchvision.models</c>.</summary>
    public string Name { get; }

    /// <summary>Shape of the samples it was designed for: channels, height, width.</summary>
    public Shape InputShape { get; }

    /// <summary>Number of classes of the data set it was designed for.</summary>
    public int Classes { get; }

    /// <summary>The network, for its own number of classes or another.</summary>
    public Module Create(int? classes = null) => _create(classes ?? Classes);

    /// <summary>The number of classes that weights were trained for; <see cref="Classes"/> where they do not tell.</summary>
    public int ClassesOf(StateDict weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights.TryGetValue(_classifierWeight, out var tensor) && tensor.Shape is { Rank: > 0 } shape
            && shape[0].Length is > 0 and <= int.MaxValue and var classes
            ? (int)classes
            : Classes;
    }
}
