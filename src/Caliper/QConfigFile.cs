using System.Text;
using Caliper.Files;

namespace Caliper;

/// <summary>A <see cref="QConfigMapping"/> in a file.</summary>
internal static class QConfigFile
{
    private const int MaxBytes = 1 << 20;

    public static QConfigMapping Load(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count > MaxBytes)
                throw new CaliperException(
                    $"{path} has more than {MaxBytes} bytes, too many for a qconfig file; is it another kind of file?");
            var mark = bytes.AsSpan(0, count).StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            return QConfigJson.Read(bytes.AsMemory(mark, count - mark), path);
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new CaliperException($"The qconfig file {path} cannot be read: {error.Message}", error);
        }
    }

    public static void Save(QConfigMapping mapping, string path) =>
        ReplacedFile.Write(path, Encoding.UTF8.GetBytes(mapping.ToJson() + "\n"));
}
