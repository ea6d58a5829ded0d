namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>The order in which code goes through a window, a quad at a time: four products of every output channel. Walks are equal where
/// the code is the same.</summary>
internal abstract record Walk
{
    /// <summary>How many quads there are.</summary>
    public abstract int Quads { get; }

    /// <summary>Where the weight that meets a byte of a quad lies among an output channel's weights (window row, window column,
    /// channel), or -1 where a quad has no fourth product.</summary>
    public abstract int WeightAt(int quad, int byteOfQuad);

    /// <summary>How a block of so many vectors of output channels is packed.</summary>
    public virtual BlockLayout Layout(int vectors, bool inOrder) => new(vectors, Quads, inOrder);
}
