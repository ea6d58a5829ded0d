using System.Globalization;
using SkiaSharp;

namespace Caliper.Tool.Demo;

/// <summary>A sheet of images: a row for each class, 32×32 pixels each, without gaps.</summary>
internal sealed class GlyphSheet
{
    /// <summary>Width and height of an image in pixels.</summary>
    public const int Side = 32;

    /// <summary>Red, green, blue.</summary>
    public const int Channels = 3;

    private readonly byte[] _tiles;

    private GlyphSheet(byte[] tiles, int columns) => (_tiles, Columns) = (tiles, columns);

    /// <summary>Images of each class.</summary>
    public int Columns { get; }

    /// <summary>Reads an embedded sheet.</summary>
    public static GlyphSheet Read(string resource)
    {
        using var stream = Resource(resource);
        using var codec = SKCodec.Create(stream);
        using var bitmap = SKBitmap.Decode(codec,
            new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var columns = bitmap.Width / Side;
        var tiles = new byte[GlyphData.Classes.Length * columns * Side * Side * Channels];
        var pixels = bitmap.GetPixelSpan();
        var at = 0;
        for (var tile = 0; tile < GlyphData.Classes.Length * columns; tile++)
        {
            for (var y = 0; y < Side; y++)
            {
                var row = pixels[((tile / columns * Side + y) * bitmap.RowBytes + tile % columns * Side * 4)..];
                for (var x = 0; x < Side; x++, at += Channels) row.Slice(x * 4, Channels).CopyTo(tiles.AsSpan(at));
            }
        }
        return new GlyphSheet(tiles, columns);
    }

    /// <summary>An embedded file.</summary>
    public static Stream Resource(string name) => typeof(GlyphSheet).Assembly.GetManifestResourceStream(name)!;

    /// <summary>The pixels of an image: row by row, red, green and blue next to each other.</summary>
    public ReadOnlySpan<byte> Tile(int label, int column)
    {
        const int length = Side * Side * Channels;
        return _tiles.AsSpan((label * Columns + column) * length, length);
    }

    /// <summary>Writes every image as PNG into a folder for its class.</summary>
    public void Save(string folder, CancellationToken cancellationToken)
    {
        // Thousands of small files: what the encoder could save in size is not worth its time.
        var options = new SKPngEncoderOptions(SKPngEncoderFilterFlags.NoFilters, 1);
        var pixels = new byte[Side * Side * 4];
        for (var label = 0; label < GlyphData.Classes.Length; label++)
        {
            var classFolder = Directory.CreateDirectory(Path.Combine(folder, GlyphData.Classes[label].ToString())).FullName;
            for (var column = 0; column < Columns; column++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var path = Path.Combine(classFolder, column.ToString("000", CultureInfo.InvariantCulture) + ".png");
                Save(Tile(label, column), pixels, options, path);
            }
        }
    }

    private static unsafe void Save(ReadOnlySpan<byte> tile, byte[] pixels, SKPngEncoderOptions options, string path)
    {
        for (var p = 0; p < Side * Side; p++) tile.Slice(p * Channels, Channels).CopyTo(pixels.AsSpan(p * 4));
        fixed (byte* start = pixels)
        {
            using var map = new SKPixmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque), (nint)start);
            using var png = map.Encode(options)!;
            using var stream = File.Create(path);
            png.SaveTo(stream);
        }
    }
}
