namespace Caliper.Torch.Files;

/// <summary>
/// Bounds what reading one file may allocate. A small file can claim a great deal: archives that unpack to a thousand times
/// their size, entries that overlap, views that repeat one element a billion times.
/// </summary>
internal sealed class MemoryBudget(string file, long fileLength)
{
    private const int TimesTheFile = 8;
    private const long AlwaysAllowed = 64L << 20;

    private long _left = AlwaysAllowed + TimesTheFile * fileLength;

    /// <summary>Allocates bytes for something that the file describes.</summary>
    /// <exception cref="CaliperException">It is too much for one array, or for a file of this size.</exception>
    public byte[] Allocate(long byteCount, string what)
    {
        if (byteCount > Array.MaxLength)
            throw new CaliperException($"'{file}' is refused: {what} is larger than 2 GiB.");
        if (byteCount > _left)
            throw new CaliperException(
                $"'{file}' is refused: its {fileLength} bytes would unpack to far more than that (at {what}).");
        _left -= byteCount;
        return new byte[byteCount];
    }
}
