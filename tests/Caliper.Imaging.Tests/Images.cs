using Caliper.Data;
using SkiaSharp;

namespace Caliper.Imaging.Tests;

/// <summary>Makes images, and reads them as a loader does.</summary>
internal static class Images
{
    /// <summary>One image after preprocessing, channels × height × width.</summary>
    public static float[] Levels(string path, Preprocessing preprocessing)
    {
        var file = new ImageFile(path, Path.GetFileName(path), null);
        var pipeline = new ImagePipeline(preprocessing);
        var size = pipeline.SizeOf(file);
        var levels = new float[ImagePipeline.ElementCountOf(size)];
        pipeline.Load(file, size, levels);
        return levels;
    }

    public static PixelBuffer Random(ImageSize size, int seed)
    {
        var buffer = new PixelBuffer(size);
        new Random(seed).NextBytes(buffer.Bytes);
        return buffer;
    }

    /// <summary>An encoded image whose pixels are a function of column and row.</summary>
    public static byte[] Encode(
        int width, int height, Func<int, int, SKColor> pixel, SKEncodedImageFormat format = SKEncodedImageFormat.Png,
        SKColorType type = SKColorType.Rgba8888)
    {
        var alpha = type is SKColorType.Gray8 ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, type, alpha));
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++) bitmap.SetPixel(x, y, pixel(x, y));
        }
        using var data = bitmap.Encode(format, 100);
        return data.ToArray();
    }

    public static byte[] Plain(int width, int height, byte red = 10, byte green = 20, byte blue = 30) =>
        Encode(width, height, (_, _) => new SKColor(red, green, blue));

    public static float[] Floats(this Batch batch) => batch.Inputs[""].Span<float>().ToArray();
}
