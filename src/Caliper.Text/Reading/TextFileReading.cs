using System.Text;
using System.Text.Json;

namespace Caliper.Text.Reading;

/// <summary>Reads whole small files, and makes one sentence of what goes wrong.</summary>
internal static class TextFileReading
{
    /// <summary>The most bytes of a tokenizer's file: the largest known has 35 MB.</summary>
    public const long MostBytes = 256L << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="CaliperException">It is missing, unreadable, or larger than any such file.</exception>
    public static byte[] Bytes(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MostBytes) throw new CaliperException($"'{path}' has {file.Length} bytes; at most {MostBytes} are read.");
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaliperException($"There is no file '{path}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CaliperException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The text of a file in UTF-8, without a mark at its start.</summary>
    /// <exception cref="CaliperException">As <see cref="Bytes"/>; or it is not UTF-8.</exception>
    public static string Text(string path)
    {
        var bytes = Bytes(path).AsSpan();
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[Encoding.UTF8.Preamble.Length..];
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new CaliperException($"'{path}' is not UTF-8 from byte {e.Index} on; save it as UTF-8.", e);
        }
    }

    /// <summary>The JSON object in a file.</summary>
    /// <exception cref="CaliperException">As <see cref="Bytes"/>; or it is no JSON object.</exception>
    public static JsonElement Json(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(Text(path));
            if (document.RootElement.ValueKind is JsonValueKind.Object) return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new CaliperException($"'{path}' is no valid JSON: {e.Message}", e);
        }
        throw new CaliperException($"'{path}' holds no JSON object.");
    }

    /// <summary>Runs something that trusts what a file holds, and says of which file where that was wrong.</summary>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or OverflowException or KeyNotFoundException
            or InvalidDataException or IOException or JsonException or IndexOutOfRangeException or NullReferenceException or NotSupportedException
            or NotImplementedException or Google.Protobuf.InvalidProtocolBufferException)
        {
            throw new CaliperException($"'{path}' is damaged, or no tokenizer that Caliper can read: {e.Message}", e);
        }
    }
}
