using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SkiaSharp;

namespace Caliper.Imaging.Tests;

public sealed class ImageDecoderTests : IDisposable
{
    private static readonly Preprocessing s_levels = new() { Scale = 1 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private float[] Levels(string name, byte[] bytes) => Images.Levels(_folder.Put(name, bytes), s_levels);

    private string Refused(string name, byte[] bytes)
    {
        var message = Assert.Throws<CaliperException>(() => Levels(name, bytes)).Message;
        Assert.Contains(name, message);
        return message;
    }

    [Fact]
    public void Pixels_become_planes_of_red_green_and_blue()
    {
        var png = Images.Encode(2, 2, (x, y) => new SKColor((byte)(10 + x), (byte)(20 + y), 30));
        Assert.Equal([10, 11, 10, 11, 20, 20, 21, 21, 30, 30, 30, 30], Levels("x.png", png));
    }

    [Fact]
    public void The_order_bgr_swaps_the_planes()
    {
        var path = _folder.Put("x.png", Images.Plain(1, 1));
        var bgr = s_levels with { Channels = ChannelOrder.Bgr, Mean = [1, 2, 3] };
        Assert.Equal([30 - 1, 20 - 2, 10 - 3], Images.Levels(path, bgr));
    }

    [Fact]
    public void Grey_is_repeated()
    {
        var grey = Images.Encode(2, 1, (x, _) => x == 0 ? new(7, 7, 7) : new SKColor(200, 200, 200), type: SKColorType.Gray8);
        Assert.Equal([7, 200, 7, 200, 7, 200], Levels("x.png", grey));
    }

    [Fact]
    public void Transparency_is_dropped_and_not_blended()
    {
        var png = Images.Encode(3, 1, (x, _) => new SKColor(100, 150, 200, (byte)(x * 127)));
        Assert.Equal([100, 100, 100, 150, 150, 150, 200, 200, 200], Levels("x.png", png));
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg, "x.jpg")]
    [InlineData(SKEncodedImageFormat.Jpeg, "x.JPEG")]
    [InlineData(SKEncodedImageFormat.Webp, "x.webp")]
    public void Formats_with_loss_come_close(SKEncodedImageFormat format, string name)
    {
        var levels = Levels(name, Images.Encode(8, 8, (_, _) => new SKColor(60, 120, 180), format));
        for (var i = 0; i < levels.Length; i++) Assert.InRange(levels[i], 60 + i / 64 * 60 - 3, 60 + i / 64 * 60 + 3);
    }

    [Fact]
    public void A_bitmap_and_a_gif_are_decoded()
    {
        var bmp = new byte[14 + 40 + 4];
        "BM"u8.CopyTo(bmp);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(2), bmp.Length);
        (bmp[10], bmp[14], bmp[18], bmp[22], bmp[26], bmp[28]) = (54, 40, 1, 1, 1, 24);
        (bmp[54], bmp[55], bmp[56]) = (3, 2, 1);
        Assert.Equal([1, 2, 3], Levels("x.bmp", bmp));
        byte[] palette = [9, 8, 7, 0, 0, 0];
        byte[] gif = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, .. palette, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B];
        Assert.Equal([9, 8, 7], Levels("x.gif", gif));
    }

    /// <summary>A palette of two colours, of which the transparent one is used: Pillow gives its colour.</summary>
    [Fact]
    public void A_transparent_pixel_of_a_gif_has_the_colour_of_its_palette()
    {
        byte[] comment = [0x21, 0xFE, 1, 0x2C, 0], control = [0x21, 0xF9, 4, 1, 0, 0, 0, 0];
        byte[] gif =
        [
            .. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 9, 8, 7, 1, 1, 1, .. comment, .. control,
            0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B,
        ];
        Assert.Equal([9, 8, 7], Levels("x.gif", gif));
        for (var length = 0; length < gif.Length - 4; length++) Refused("cut.gif", gif[..length]);
    }

    [Fact]
    public void A_transparent_pixel_of_a_png_has_the_colour_of_its_palette()
    {
        var png = Png(8, 3, [0, 0, 1], ("PLTE", [9, 8, 7, 40, 50, 60]), ("tRNS", [0, 100]));
        Assert.Equal([9, 40, 8, 50, 7, 60], Levels("x.png", png));
        Assert.Equal([9, 40, 9, 40, 9, 40], Levels("grey.png", Png(8, 0, [0, 9, 40], ("tRNS", [0, 9]))));
    }

    /// <summary>As Pillow: grey is cut off at 255, whatever it is in; colours keep their upper byte.</summary>
    [Fact]
    public void Levels_of_16_bits_become_what_Pillow_makes_of_them()
    {
        Assert.Equal([0, 1, 0, 1, 0, 1], Levels("dark.png", Png(16, 0, [0, 0, 0, 0, 1])));
        Assert.Equal([254, 255, 254, 255, 254, 255], Levels("edge.png", Png(16, 0, [0, 0, 254, 1, 0])));
        Assert.Equal([130, 255, 130, 255, 130, 255], Levels("gamma.png", Png(16, 0, [0, 0, 130, 0xFF, 0xFF], ("gAMA", [0, 0, 0xB1, 0x8F]))));
        Assert.Equal([7, 255, 7, 255, 7, 255], Levels("key.png", Png(16, 0, [0, 0, 7, 9, 9], ("tRNS", [0, 7]))));
        Assert.Equal([1, 4, 2, 5, 3, 6], Levels("colour.png", Png(16, 2, [0, 1, 250, 2, 250, 3, 250, 4, 250, 5, 250, 6, 250])));
    }

    /// <summary>Three lines of 1 2, 3 255, 254 5, each as every filter of PNG writes them (section 9 of its standard).</summary>
    [Theory]
    [InlineData(0, new byte[] { 0, 3, 0, 255 }, new byte[] { 0, 254, 0, 5 })]
    [InlineData(1, new byte[] { 0, 3, 0, 252 }, new byte[] { 0, 254, 0, 7 })]
    [InlineData(2, new byte[] { 0, 2, 0, 253 }, new byte[] { 0, 251, 0, 6 })]
    [InlineData(3, new byte[] { 0, 3, 0, 253 }, new byte[] { 0, 253, 0, 7 })]
    [InlineData(4, new byte[] { 0, 2, 0, 252 }, new byte[] { 0, 251, 0, 6 })]
    public void Every_filter_of_16_bit_grey_is_undone(byte filter, byte[] second, byte[] third)
    {
        var png = Png(16, 0, [0, 0, 1, 0, 2, filter, .. second, filter, .. third]);
        Assert.Equal([1, 2, 3, 255, 254, 5], Levels("x.png", png)[..6]);
    }

    [Fact]
    public void Interlaced_grey_of_16_bits_is_refused_by_name()
    {
        var png = Png(16, 0, [0, 0, 7, 0, 0, 9], interlace: 1);
        Assert.Contains("interlaced", Refused("x.png", png));
    }

    private static byte[] Png(byte depth, byte color, byte[] lines, params (string Name, byte[] Content)[] chunks) =>
        Png(depth, color, lines, 0, chunks);

    /// <summary>A PNG of two pixels beside each other, in as many lines as there are bytes for.</summary>
    private static byte[] Png(byte depth, byte color, byte[] lines, byte interlace, params (string Name, byte[] Content)[] chunks)
    {
        var height = interlace > 0 ? 1 : lines.Length / (1 + 2 * depth / 8 * (color == 2 ? 3 : 1));
        var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zip.Write(lines);
        return
        [
            0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR", [0, 0, 0, 2, 0, 0, 0, (byte)height, depth, color, 0, 0, interlace]),
            .. chunks.SelectMany(c => Chunk(c.Name, c.Content)), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", []),
        ];
    }

    private static byte[] Chunk(string name, byte[] content)
    {
        byte[] chunk = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(name), .. content, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc(chunk.AsSpan(4, chunk.Length - 8)));
        return chunk;
    }

    [Fact]
    public void The_exif_orientation_is_not_applied()
    {
        var jpeg = Images.Encode(16, 8, (x, _) => x < 8 ? SKColors.Black : SKColors.White, SKEncodedImageFormat.Jpeg);
        byte[] exif = [.. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        byte[] turned = [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
        using (var codec = SKCodec.Create(SKData.CreateCopy(turned))) Assert.Equal(SKEncodedOrigin.RightTop, codec.EncodedOrigin);
        Assert.Equal(Levels("x.jpg", jpeg), Levels("y.jpg", turned));
    }

    /// <summary>What may be missing is what holds no pixels: checksums and the end chunk of PNG, padding in WebP.</summary>
    [Theory]
    [InlineData(SKEncodedImageFormat.Png, 24)]
    [InlineData(SKEncodedImageFormat.Webp, 1)]
    [InlineData(SKEncodedImageFormat.Jpeg, 0)]
    public void A_truncation_that_costs_pixels_is_refused(SKEncodedImageFormat format, int trailer)
    {
        var bytes = Images.Encode(24, 24, (x, y) => new SKColor((byte)(x * 10), (byte)(y * 10), (byte)(x * y)), format);
        for (var length = 0; length < bytes.Length - trailer; length += 3) Refused("x.jpg", bytes[..length]);
    }

    [Fact]
    public void What_is_no_image_inside_is_refused_by_name()
    {
        Refused("x.png", "hello, world"u8.ToArray());
        Refused("x.jpg", []);
        Assert.Contains("cannot be read", Assert.Throws<CaliperException>(
            () => Images.Levels(Path.Combine(_folder.Path, "none.png"), s_levels)).Message);
    }

    [Fact]
    public void A_damaged_png_is_refused()
    {
        var png = Images.Encode(9, 9, (x, y) => new SKColor((byte)(x * 20), (byte)(y * 20), (byte)(x * y)));
        var data = png.AsSpan().IndexOf("IDAT"u8);
        png[data + 12] ^= 0xFF;
        Refused("x.png", png);
    }

    [Fact]
    public void An_image_that_claims_to_be_enormous_is_refused_before_memory_is_spent()
    {
        var png = Images.Plain(1, 1);
        var header = png.AsSpan(12, 17);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], 60_000);
        BinaryPrimitives.WriteInt32BigEndian(header[8..], 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(header));
        Assert.Contains("60000×60000", Refused("x.png", png));
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
