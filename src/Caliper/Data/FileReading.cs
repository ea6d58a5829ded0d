namespace Caliper.Data;

/// <summary>Turns what the file system and the decompressor throw into a sentence about the file.</summary>
internal static class FileReading
{
    /// <summary>What is left of a stream.</summary>
    public static byte[] All(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>Runs something that reads a file.</summary>
    /// <exception cref="CaliperException">It could not be read.</exception>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (EndOfStreamException e)
        {
            throw new CaliperException($"'{path}' is truncated: it ends before its last element.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaliperException($"There is no file '{path}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CaliperException($"'{path}' cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            throw new CaliperException($"'{path}' is damaged, or no zip file that Caliper can read: {e.Message}", e);
        }
    }
}
