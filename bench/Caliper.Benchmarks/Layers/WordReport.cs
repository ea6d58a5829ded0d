using System.Globalization;
using Caliper.Kernels.Convolution;

namespace Caliper.Benchmarks.Layers;

/// <summary>
/// What 16 bits cost: each convolution of a network with activations of 8 and of 16 bits, and in float32 in ONNX Runtime, one after the
/// other in one process: <c>dotnet run -c Release --project bench/Caliper.Benchmarks -- words resnet50</c>.
/// </summary>
internal static class WordReport
{
    private const double SecondsPerRun = 0.05;

    // Turns, so that a processor that is disturbed for a while disturbs all three.
    private const int Turns = 3;

    public static void Print(string network)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Console.WriteLine($"{network}, one thread, microseconds: 8 bits, 16 bits, ONNX Runtime float32; 16 bits against 8; float32 against 16 bits");
        var all = (Bytes: 0.0, Words: 0.0, Floats: 0.0);
        foreach (var layer in Networks.All[network])
        {
            using var bytes = new LayerRun(layer with { HasResidual = false }, (l, r) => ConvolutionKernels.Create(l, r, KernelSet.Auto));
            using var words = new WordRun(layer);
            using var floats = new FloatRun(layer);
            var times = (Bytes: double.MaxValue, Words: double.MaxValue, Floats: double.MaxValue);
            for (var turn = 0; turn < Turns; turn++)
            {
                times = (Math.Min(times.Bytes, Fastest.Seconds(bytes.Run, SecondsPerRun)), Math.Min(times.Words, Fastest.Seconds(words.Run,
                    SecondsPerRun)), Math.Min(times.Floats, Fastest.Seconds(floats.Run, SecondsPerRun)));
            }
            Line($"{layer.Count}x {layer}", words.Name, times.Bytes, times.Words, times.Floats);
            all = (all.Bytes + layer.Count * times.Bytes, all.Words + layer.Count * times.Words, all.Floats + layer.Count * times.Floats);
        }
        Line("all", "", all.Bytes, all.Words, all.Floats);
    }

    private static void Line(string layer, string kernel, double bytes, double words, double floats) => Console.WriteLine(
        $"{layer,-34} {kernel,-18} {bytes * 1e6,9:F1} {words * 1e6,9:F1} {floats * 1e6,9:F1} {words / bytes,6:F2}x {floats / words,6:F2}x");
}
