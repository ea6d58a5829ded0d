namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>The order in which code goes through a window, four products of every output channel a step. Walks are equal where
/// the code is the same.</summary>
internal abstract record Walk
{
    /// <summary>Steps of four products.</summary>
    public abstract int Steps { get; }

    /// <summary>Where the weight that meets a byte of a step lies among an output channel's weights (window row, window column,
    /// channel), or -1 where a step has no fourth product.</summary>
    public abstract int WeightAt(int step, int byteOfStep);

    /// <summary>How a block of so many vectors of output channels is packed.</summary>
    public virtual BlockLayout Layout(int vectors, bool inOrder) => new(vectors, Steps, inOrder);
}
