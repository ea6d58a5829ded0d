namespace Caliper.Assembly;

/// <summary>
/// The most that the tile unit of one core can multiply and add: nothing but products of whole tiles on registers, each of the sums
/// waiting for no other. Shares of the peak of layers that tiles compute are shares of this loop's rate.
/// </summary>
internal sealed unsafe class TilePeak : IDisposable
{
    private const int Sums = 4;
    private readonly ExecutableMemory _memory;

    /// <summary>Multiply-adds of one turn of the loop.</summary>
    public const long MultiplyAddsPerTurn = Sums * 16L * 16 * 64;

    /// <summary>Writes the loop.</summary>
    /// <exception cref="CaliperException">No code for tiles can be assembled here.</exception>
    public TilePeak()
    {
        if (TileUnit.WhyNot is { } why) throw new CaliperException($"The peak of tiles cannot be measured: {why}.");
        var code = new CodeWriter();
        code.BeginFunction();
        Span<int> rows = stackalloc int[CodeWriter.TileCount];
        rows.Fill(CodeWriter.TileRows);
        code.ConfigureTiles(code.Constant(TileShape.Of(rows)));
        code.RepeatCounted(CodeWriter.Argument, () =>
        {
            for (var sum = 0; sum < Sums; sum++) code.MultiplyTiles(sum, Sums + sum / 2, Sums + 2 + sum % 2);
        });
        code.ReleaseTiles();
        code.EndFunction();
        _memory = ExecutableMemory.TryPublish(code.Finish())
            ?? throw new CaliperException("The peak of tiles cannot be measured: the system gave no executable pages.");
    }

    /// <summary>Runs the loop; the caller holds the watch.</summary>
    /// <param name="turns">How often, at least once.</param>
    public void Run(long turns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(turns, 1);
        ((delegate* unmanaged<nint, void>)_memory.Start)((nint)turns);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
