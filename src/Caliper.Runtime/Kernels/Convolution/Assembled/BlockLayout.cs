namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// Where the parts of a block of output channels lie, each vector 64 bytes: the bias of its vectors, their multipliers, then
/// for every quad of the walk the weights of its vectors. A lane holds the four weights of one output channel.
/// </summary>
/// <param name="Vectors">Vectors of 16 output channels.</param>
/// <param name="Quads">Quads of the walk.</param>
/// <param name="InOrder">Lane after lane holds channel after channel, as outputs of four bytes need it. Otherwise channels are laid
/// out so that packing to bytes, which works on quarters of vectors, brings them into order.</param>
internal readonly record struct BlockLayout(int Vectors, int Quads, bool InOrder)
{
    /// <summary>Offset of a vector of biases.</summary>
    public static int Bias(int vector) => 64 * vector;

    /// <summary>Offset of a vector of multipliers.</summary>
    public int Multipliers(int vector) => 64 * (Vectors + vector);

    /// <summary>Offset of the first weights.</summary>
    public int Weights => 128 * Vectors;

    /// <summary>Bytes of weights that one quad reads.</summary>
    public int QuadBytes => 64 * Vectors;

    /// <summary>Bytes of the whole block.</summary>
    public int ByteCount => checked(Weights + Quads * QuadBytes);

    /// <summary>The channel, counted from the block's first, of a lane. Packing two or four vectors puts side by side what lies
    /// in the same quarter: the four lanes of the first vector, then the four of the second, and so on.</summary>
    public int ChannelAt(int vector, int lane) =>
        InOrder ? 16 * vector + lane : 4 * Vectors * (lane / 4) + 4 * vector + lane % 4;
}
