using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Torch;

/// <summary>Networks whose architecture has a name, with weights from a checkpoint or none.</summary>
public static class TorchModel
{
    /// <summary>Loads weights into the network of a name: <c>TorchModel.Load("resnet20.th", "resnet20")</c>. The number of
    /// classes is that of the checkpoint.</summary>
    /// <param name="path">A checkpoint of any form that <see cref="Checkpoint.Load(string)"/> reads.</param>
    /// <param name="architecture">One of <see cref="Architectures.Names"/>.</param>
    /// <param name="inputShape">Channels, height and width of one sample; those of <see cref="Architecture.InputShape"/> where
    /// left out.</param>
    /// <param name="options">How the model is run.</param>
    /// <exception cref="CaliperException">The name is unknown, the file cannot be read, or its weights belong to another
    /// network.</exception>
    public static FloatModel Load(string path, string architecture, Shape? inputShape = null, ExecutionOptions? options = null)
    {
        var known = Architectures.Get(architecture);
        var weights = Checkpoint.Load(path);
        return known.Create(known.ClassesOf(weights)).ToModel(weights, inputShape ?? known.InputShape, known.Name, options);
    }

    /// <summary>The network of a name with random weights, for studies of speed.</summary>
    /// <param name="architecture">One of <see cref="Architectures.Names"/>.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    /// <param name="inputShape">Channels, height and width of one sample; those of <see cref="Architecture.InputShape"/> where
    /// left out.</param>
    /// <param name="options">How the model is run.</param>
    /// <exception cref="CaliperException">The name is unknown, or the network does not fit the shape.</exception>
    public static FloatModel Untrained(
        string architecture, int seed = 0, Shape? inputShape = null, ExecutionOptions? options = null)
    {
        var known = Architectures.Get(architecture);
        var network = known.Create();
        return network.ToModel(network.RandomWeights(seed), inputShape ?? known.InputShape, known.Name, options);
    }
}
