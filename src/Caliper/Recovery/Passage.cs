using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>How positive factors of channels pass an operation: which of its values must be divided by the same, what its constants become,
/// and how much of an error at what it reads arrives at what it returns.</summary>
/// <param name="node">The operation.</param>
internal abstract class Passage(Node node)
{
    public Node Node => node;

    /// <summary>Ties the classes of what it reads and returns.</summary>
    public abstract void Bind(ChannelClasses classes);

    /// <summary>Adds to the weight of errors at its inputs what they come to at its outputs.</summary>
    public abstract void CarryBack(NoiseWeights noise);

    /// <summary>Changes constants so that it takes what is divided and returns what is divided.</summary>
    public virtual void Rewrite(ScaledGraph target) { }
}
