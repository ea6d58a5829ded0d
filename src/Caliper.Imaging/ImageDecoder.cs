using System.Runtime.InteropServices;
using SkiaSharp;

namespace Caliper.Imaging;

/// <summary>
/// Decodes PNG, JPEG, WebP, BMP and GIF (its first picture) as Pillow's <c>Image.open(path).convert("RGB")</c> does, which is
/// what networks were trained on: grey is repeated in all three channels, transparency is dropped and not blended with a
/// background, grey of 16 bits is cut off at 255, and neither the EXIF orientation nor an embedded colour profile is applied.
/// </summary>
internal static class ImageDecoder
{
    private const long MaxFileBytes = 256L << 20;

    /// <summary>File name extensions of the formats, lower case.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"];

    /// <summary>Whether a file is an image, by its name.</summary>
    public static bool Recognizes(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>The size of an image, from its header alone.</summary>
    public static ImageSize ReadSize(string path, string place) => Open(() => Read(path, place), place, (codec, _) => SizeOf(codec));

    /// <summary>Decodes an image.</summary>
    /// <param name="path">The file.</param>
    /// <param name="place">What to call it in a message.</param>
    /// <param name="check">Sees the size before memory is spent on it, and throws where it cannot be right.</param>
    /// <exception cref="CaliperException">The file cannot be read, or is damaged, truncated or no image.</exception>
    public static PixelBuffer Decode(string path, string place, Action<ImageSize> check) => Decode(() => Read(path, place), place, check);

    /// <summary>Decodes an image that is in memory; its bytes may be changed.</summary>
    /// <inheritdoc cref="Decode(string, string, Action{ImageSize})"/>
    public static PixelBuffer Decode(byte[] bytes, string place, Action<ImageSize> check) => Decode(() => bytes, place, check);

    private static PixelBuffer Decode(Func<byte[]> read, string place, Action<ImageSize> check) => Open(read, place, (codec, bytes) =>
    {
        check(SizeOf(codec));
        var buffer = new PixelBuffer(SizeOf(codec));
        try
        {
            CheckResult(Decode(codec, buffer), place);
            if (DeepGrey.Is(bytes)) DeepGrey.Read(bytes, buffer, place);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    });

    private static unsafe SKCodecResult Decode(SKCodec codec, PixelBuffer buffer)
    {
        // Without a colour space nothing is converted; unpremultiplied alpha leaves the colours as they are in the file.
        var info = new SKImageInfo(buffer.Size.Width, buffer.Size.Height, SKColorType.Rgba8888,
            codec.Info.AlphaType is SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul, colorspace: null);
        fixed (byte* pixels = buffer.Bytes) return codec.GetPixels(info, (nint)pixels);
    }

    private static void CheckResult(SKCodecResult result, string place)
    {
        if (result is SKCodecResult.Success) return;
        throw new CaliperException(result is SKCodecResult.IncompleteInput
            ? $"'{place}' is truncated."
            : $"'{place}' is damaged, or an image of a kind that is not decoded ({result}).");
    }

    private static ImageSize SizeOf(SKCodec codec) => new(codec.Info.Width, codec.Info.Height);

    private static byte[] Read(string path, string place) => new FileInfo(path).Length <= MaxFileBytes ? File.ReadAllBytes(path)
        : throw new CaliperException($"'{place}' has more than {MaxFileBytes >> 20} MiB, too much for an image.");

    private static T Open<T>(Func<byte[]> read, string place, Func<SKCodec, byte[], T> use)
    {
        try
        {
            var bytes = read();
            GifTransparency.Remove(bytes);
            using var data = SKData.CreateCopy(bytes);
            using var codec = SKCodec.Create(data) ?? throw new CaliperException($"'{place}' is damaged, or not an image.");
            return use(codec, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CaliperException($"'{place}' cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException)
        {
            throw new CaliperException(
                $"The image decoder cannot be loaded on this system ({RuntimeInformation.RuntimeIdentifier}): {e.Message}", e);
        }
    }
}
