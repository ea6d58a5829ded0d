using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Caliper.Imaging;

/// <summary>
/// PNG of one grey channel of 16 bits, of which the decoder keeps the upper 8. Pillow reads the levels as integers, and
/// <c>convert("RGB")</c> cuts them off at 255 rather than scale them, so that most such pictures are white: this is what a network saw
/// that was trained on them that way.
/// </summary>
internal static class DeepGrey
{
    private const int SignatureBytes = 8, HeaderEnd = 33, DepthAt = 24, ColorAt = 25, InterlaceAt = 28;
    private const int LevelBytes = 2;

    /// <summary>Whether a file is such a PNG, by its header.</summary>
    public static bool Is(ReadOnlySpan<byte> file) => file.Length > HeaderEnd && file.StartsWith((ReadOnlySpan<byte>)[0x89, .. "PNG"u8])
        && file[DepthAt] == 16 && file[ColorAt] == 0;

    /// <summary>Reads the levels of a file that the decoder has found whole.</summary>
    /// <exception cref="CaliperException">Its levels cannot be read, or are interlaced.</exception>
    public static void Read(byte[] file, PixelBuffer buffer, string place)
    {
        if (file[InterlaceAt] != 0)
            throw new CaliperException($"The image '{place}' is interlaced grey of 16 bits, which is not decoded; save it without interlacing.");
        try
        {
            using var levels = new ZLibStream(Content(file), CompressionMode.Decompress);
            var (line, above) = (new byte[LevelBytes * buffer.Size.Width], new byte[LevelBytes * buffer.Size.Width]);
            for (var y = 0; y < buffer.Size.Height; y++)
            {
                var filter = levels.ReadByte();
                levels.ReadExactly(line);
                Unfilter(filter, line, above);
                var row = MemoryMarshal.Cast<byte, uint>(buffer.Row(y));
                for (var x = 0; x < row.Length; x++)
                {
                    var isAbove = line[2 * x] > 0;
                    buffer.IsCutOff |= isAbove;
                    row[x] = (isAbove ? 255u : line[2 * x + 1]) * 0x010101;
                }
                (line, above) = (above, line);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new CaliperException($"The image '{place}' is damaged: {e.Message}", e);
        }
    }

    /// <summary>The compressed lines, which may lie in several chunks.</summary>
    private static MemoryStream Content(ReadOnlySpan<byte> file)
    {
        var content = new MemoryStream();
        for (var at = SignatureBytes; at + 8 <= file.Length;)
        {
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(file[at..]), file.Length - at - 8L);
            if (file.Slice(at + 4, 4).SequenceEqual("IDAT"u8)) content.Write(file.Slice(at + 8, length));
            at += length + 12;
        }
        content.Position = 0;
        return content;
    }

    /// <summary>A line as it was before the encoder took from each byte what its neighbours promise (PNG, section 9).</summary>
    private static void Unfilter(int filter, Span<byte> line, ReadOnlySpan<byte> above)
    {
        if (filter is < 0 or > 4) throw new InvalidDataException($"a line has the filter {filter}.");
        for (var i = 0; i < line.Length; i++)
        {
            var left = i < LevelBytes ? 0 : line[i - LevelBytes];
            line[i] += (byte)(filter switch
            {
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], i < LevelBytes ? 0 : above[i - LevelBytes]),
                _ => 0,
            });
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        var (toLeft, toAbove, toCorner) = (Math.Abs(above - corner), Math.Abs(left - corner), Math.Abs(left + above - 2 * corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
}
