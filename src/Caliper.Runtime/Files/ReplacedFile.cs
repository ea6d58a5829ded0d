namespace Caliper.Files;

/// <summary>
/// A file written under a temporary name beside its final one; unless committed, nothing of it remains. What is replaced is the
/// file that a link leads to, and the new one has its permissions. What a killed process left is removed by the next one that
/// writes the same file.
/// </summary>
internal sealed class ReplacedFile : IDisposable
{
    private const string Extension = ".tmp";
    private const int Tries = 20;

    private readonly string _path;
    private readonly string _temporary;
    private bool _isCommitted;

    /// <summary>Begins to write.</summary>
    /// <exception cref="CaliperException">What is there is no file: a folder, a pipe or a device.</exception>
    /// <exception cref="IOException">The folder is missing, full or closed.</exception>
    public ReplacedFile(string path) : this(path, Open)
    {
    }

    /// <summary>As above, with the stream of the temporary file from whoever wants to see what becomes of it.</summary>
    internal ReplacedFile(string path, Func<string, FileStream> open)
    {
        _path = TargetOf(path);
        var folder = Path.GetDirectoryName(_path) ?? _path;
        // Opening it would say that the temporary file is missing, of which nobody knows.
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"there is no folder '{folder}'.");
        RemoveLeftovers(_path);
        (_temporary, Stream) = Create(_path, open, Tries);
        try
        {
            if (!OperatingSystem.IsWindows() && File.Exists(_path)) File.SetUnixFileMode(Stream.SafeFileHandle, File.GetUnixFileMode(_path));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What is written.</summary>
    public FileStream Stream { get; }

    /// <summary>The file that a path leads to, links followed, whether it is there or not.</summary>
    /// <exception cref="CaliperException">It is a folder, a pipe or a device, which no file can replace.</exception>
    public static string TargetOf(string path)
    {
        var target = FileIdentity.WithoutLink(path);
        return FileIdentity.Of(target)?.Kind switch
        {
            FileKind.Folder => throw new CaliperException($"The output '{path}' is a folder; name a file."),
            FileKind.Special => throw new CaliperException($"The output '{path}' is a pipe or a device, which no file can replace; name a file."),
            _ => target,
        };
    }

    /// <summary>Replaces a file in one step: whoever looks sees the old one or the new one, whole.</summary>
    /// <exception cref="CaliperException">The file cannot be written; nothing is left behind.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var file = new ReplacedFile(path);
            file.Stream.Write(bytes);
            file.Commit();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CaliperException($"'{path}' cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Gives what was written its name, once it is on the disk: a power cut leaves the old file or the new one.</summary>
    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        // Windows cannot rename an open file. Elsewhere it stays locked until it has its name, so that nobody takes it for a leftover.
        if (OperatingSystem.IsWindows()) Stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _isCommitted = true;
        Stream.Dispose();
    }

    public void Dispose()
    {
        try
        {
            Stream.Dispose();
        }
        finally
        {
            if (!_isCommitted) File.Delete(_temporary);
        }
    }

    /// <summary>A new file that nobody else may open while it is written. Between its creation and its lock another process that tidies up
    /// may take it for a leftover: then there is another try.</summary>
    private static (string Path, FileStream Stream) Create(string path, Func<string, FileStream> open, int tries)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(path) ?? path, $"{PrefixOf(path)}{Guid.NewGuid():N}{Extension}");
        try
        {
            var stream = open(temporary);
            if (File.Exists(temporary) || tries <= 1) return (temporary, stream);
            stream.Dispose();
        }
        catch (IOException error) when (tries > 1 && error is not DirectoryNotFoundException)
        {
            // It is held by who tidies up, and gone when that is done.
        }
        return Create(path, open, tries - 1);
    }

    private static FileStream Open(string temporary) => new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);

    /// <summary>Removes what writers of the same file left when they were killed: a living one holds a lock on its own.</summary>
    private static void RemoveLeftovers(string path)
    {
        var prefix = PrefixOf(path);
        try
        {
            foreach (var leftover in Directory.EnumerateFiles(Path.GetDirectoryName(path) ?? path, "*" + Extension, new EnumerationOptions
            { AttributesToSkip = FileAttributes.Directory, MatchType = MatchType.Simple }))
            {
                var name = Path.GetFileName(leftover.AsSpan());
                if (name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal)
                    && Guid.TryParseExact(name[prefix.Length..^Extension.Length], "N", out _)) RemoveUnlessHeld(leftover);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Creating the new file says what is wrong, if anything is.
        }
    }

    private static void RemoveUnlessHeld(string leftover)
    {
        try
        {
            using (new FileStream(leftover, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
                if (!OperatingSystem.IsWindows()) File.Delete(leftover);
            if (OperatingSystem.IsWindows()) File.Delete(leftover);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another process writes it now, or may: it is theirs.
        }
    }

    private static string PrefixOf(string path) => $".{Path.GetFileName(path)}.";
}
