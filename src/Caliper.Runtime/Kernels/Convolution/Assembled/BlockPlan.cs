namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>How the blocks of a layer lie one after another: whole ones, and what is left.</summary>
/// <param name="Full">A block of as many channels as blocks have.</param>
/// <param name="Last">The last block, of fewer vectors; null where the channels fill whole ones.</param>
/// <param name="FullBlocks">How many whole ones.</param>
/// <param name="QuadsTogether">Quads of one vector that lie one after another before those of the next vector come.</param>
internal readonly record struct BlockPlan(BlockLayout Full, BlockLayout? Last, int FullBlocks, int QuadsTogether)
{
    /// <summary>How many blocks.</summary>
    public int Count => FullBlocks + (Last is null ? 0 : 1);

    /// <summary>Output channels of a whole block.</summary>
    public int ChannelsPerBlock => 16 * Full.Vectors;

    /// <summary>Bytes of all blocks.</summary>
    public long ByteCount => BytesOf(Count);

    /// <summary>Bytes of the first blocks.</summary>
    public long BytesOf(int blocks)
    {
        if (blocks == 0) return 0;
        var (layout, offset) = At(blocks - 1);
        return checked(offset + layout.ByteCount);
    }

    /// <summary>How a block lies, and how many bytes from the first.</summary>
    public (BlockLayout Layout, long ByteOffset) At(int block) => (block < FullBlocks ? Full : Last!.Value, block * (long)Full.ByteCount);
}
