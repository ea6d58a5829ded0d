using System.Buffers.Binary;
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
