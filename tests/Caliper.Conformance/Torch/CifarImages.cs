using System.Text.Json;
using Caliper.Graphs;
using Caliper.Testing;
using SkiaSharp;

namespace Caliper.Conformance.Torch;

/// <summary>The first images of the CIFAR-10 test folder, as the network of the PyTorch fixture was fed.</summary>
internal static class CifarImages
{
    public static Tensor First(int count, JsonElement normalize)
    {
        var folder = SharedFolder.Path("data", "cifar10", "test");
        var paths = Directory.GetFiles(folder, "*.png", SearchOption.AllDirectories)
            .OrderBy(p => Path.GetRelativePath(folder, p).Replace('\\', '/'), StringComparer.Ordinal).Take(count).ToArray();
        var mean = normalize.GetProperty("mean").EnumerateArray().Select(e => e.GetSingle()).ToArray();
        var deviation = normalize.GetProperty("std").EnumerateArray().Select(e => e.GetSingle()).ToArray();

        var values = new float[count * 3 * 32 * 32];
        for (var n = 0; n < count; n++)
        {
            using var image = SKBitmap.Decode(paths[n]);
            for (var y = 0; y < 32; y++)
            {
                for (var x = 0; x < 32; x++)
                {
                    var pixel = image.GetPixel(x, y);
                    byte[] channels = [pixel.Red, pixel.Green, pixel.Blue];
                    for (var c = 0; c < 3; c++)
                        values[((n * 3 + c) * 32 + y) * 32 + x] = (channels[c] / 255f - mean[c]) / deviation[c];
                }
            }
        }
        return Tensor.Of(Shape.Of(count, 3, 32, 32), values);
    }
}
