using Caliper.Graphs;
using Caliper.Torch;

namespace Caliper.Benchmarks;

/// <summary>
/// Writes int8 files of networks whose trained weights may not be shared: random weights, calibrated with random images.
/// Their speed is that of the trained ones. <c>dotnet run -c Release --project bench/Caliper.Benchmarks -- untrained FOLDER</c>,
/// then <c>caliper bench FOLDER/resnet50.int8.onnx --against onnxruntime</c>.
/// </summary>
internal static class UntrainedNetworks
{
    private static readonly string[] Names = ["mobilenet_v2", "resnet18", "resnet20", "resnet50", "squeezenet1_0"];

    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in Names)
        {
            using var model = TorchModel.Untrained(name);
            using var prepared = model.Fuse().Prepare(QConfig.Default);
            prepared.Run(RandomImages(model.Inputs[0], new Random(1)));
            using var quantized = prepared.Convert();
            var path = Path.Combine(folder, $"{name}.int8.onnx");
            quantized.Save(path);
            Console.WriteLine(path);
        }
    }

    private static Dictionary<string, Tensor> RandomImages(Value input, Random random)
    {
        const int Images = 2;
        var shape = Shape.Of([Images, .. input.Shape!.Value.Dimensions.Skip(1).Select(d => d.Length)]);
        var pixels = new float[shape.ElementCount];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = random.NextSingle() * 4 - 2;
        return new() { [input.Name] = Tensor.Of(shape, pixels) };
    }
}
