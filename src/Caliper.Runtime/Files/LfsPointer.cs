namespace Caliper.Files;

/// <summary>What Git LFS leaves in the place of a large file that was not fetched: three lines of text.</summary>
internal static class LfsPointer
{
    private const int Longest = 1024;

    /// <summary>The first line of each.</summary>
    private static ReadOnlySpan<byte> Start => "version https://git-lfs.github.com/spec/"u8;

    /// <summary>Refuses a file that is one: whatever else is said of it would lead astray.</summary>
    /// <exception cref="CaliperException">It is one.</exception>
    public static void Refuse(Stream stream, string name)
    {
        if (!stream.CanSeek || stream.Length > Longest) return;
        var start = new byte[Start.Length];
        var position = stream.Position;
        var count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = position;
        Refuse(start.AsSpan(0, count), name);
    }

    /// <summary>Refuses bytes that are one.</summary>
    /// <exception cref="CaliperException">They are.</exception>
    public static void Refuse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.StartsWith(Start)) throw new CaliperException(
            $"'{name}' is a pointer of Git LFS, not the file itself; 'git lfs pull' fetches that.");
    }
}
