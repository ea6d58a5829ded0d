namespace Caliper.Testing.Simulator;

/// <summary>The eight tiles, which have a shape only between configuration and release.</summary>
internal sealed class SimulatedTiles
{
    private const int MostRows = 16, MostRowBytes = 64;

    private readonly byte[] _bytes = new byte[8 * MostRows * MostRowBytes];
    private readonly int[] _rows = new int[8];
    private readonly int[] _rowBytes = new int[8];

    /// <summary>Whether the thread has tiles.</summary>
    public bool AreConfigured { get; private set; }

    /// <summary>Gives the tiles their shape and clears them.</summary>
    /// <exception cref="SimulationException">It is none.</exception>
    public void Configure(ReadOnlySpan<byte> shape)
    {
        if (shape[0] != 1 || shape[1..16].ContainsAnyExcept((byte)0)) throw new SimulationException("Tiles have the palette 1, and begin at row 0.");
        for (var tile = 0; tile < 8; tile++)
        {
            (_rows[tile], _rowBytes[tile]) = (shape[48 + tile], shape[16 + 2 * tile] + 256 * shape[17 + 2 * tile]);
            var isEmpty = _rows[tile] == 0 && _rowBytes[tile] == 0;
            if (!isEmpty && (_rows[tile] is < 1 or > MostRows || _rowBytes[tile] is < 1 or > MostRowBytes))
                throw new SimulationException($"Tile {tile} cannot have {_rows[tile]} rows of {_rowBytes[tile]} bytes.");
        }
        Array.Clear(_bytes);
        AreConfigured = true;
    }

    /// <summary>Takes their shape from them.</summary>
    public void Release() => AreConfigured = false;

    /// <summary>Rows of a tile.</summary>
    /// <exception cref="SimulationException">It has no shape.</exception>
    public int Rows(int tile) => AreConfigured && _rows[tile] > 0 ? _rows[tile] : throw new SimulationException($"Tile {tile} has no shape.");

    /// <summary>Bytes of its rows.</summary>
    public int RowBytes(int tile) => _rowBytes[tile];

    /// <summary>One of its rows.</summary>
    public Span<byte> Row(int tile, int row) => _bytes.AsSpan((tile * MostRows + row) * MostRowBytes, _rowBytes[tile]);
}
