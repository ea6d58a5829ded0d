using System.Buffers;

namespace Caliper.Imaging;

/// <summary>Pixels of four bytes (red, green, blue, one without meaning), row after row without gaps, in rented memory.</summary>
internal sealed class PixelBuffer : IDisposable
{
    /// <summary>Red, green, blue and padding: a pixel is one aligned 32-bit load.</summary>
    public const int BytesPerPixel = 4;

    private readonly byte[] _bytes;

    public PixelBuffer(ImageSize size)
    {
        Size = size;
        _bytes = ArrayPool<byte>.Shared.Rent(checked(size.Width * size.Height * BytesPerPixel));
    }

    /// <summary>Pixels in a row, and rows.</summary>
    public ImageSize Size { get; }

    /// <summary>Whether the file has levels above 255, which became 255.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Bytes in a row.</summary>
    public int BytesPerRow => Size.Width * BytesPerPixel;

    /// <summary>All rows.</summary>
    public Span<byte> Bytes => _bytes.AsSpan(0, Size.Height * BytesPerRow);

    /// <summary>One row.</summary>
    public Span<byte> Row(int y) => _bytes.AsSpan(y * BytesPerRow, BytesPerRow);

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
}
