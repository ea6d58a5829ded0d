using Caliper.Graphs;
using Caliper.Testing;

namespace Caliper.Conformance.Onnx;

/// <summary>The real networks of the shared folder, and something to feed them.</summary>
internal static class RealModels
{
    public static TheoryData<string> Names =>
        new("resnet20.onnx", "squeezenet1_0.onnx", "ultraface-rfb-320.onnx", "mobilenet_v2_untrained.onnx");

    public static string Path(string name) => SharedFolder.Path("models", name);

    /// <summary>Random numbers of mean 0 for every input; a free axis gets one element.</summary>
    public static Dictionary<string, Tensor> RandomInputs(Model model)
    {
        var random = new Random(1);
        return model.Graph.Inputs.ToDictionary(input => input.Name, input =>
        {
            var shape = Shape.Of([.. input.Shape!.Value.Dimensions.Select(d => d.IsKnown ? d.Length : 1)]);
            var elements = Enumerable.Range(0, (int)shape.ElementCount).Select(_ => random.NextSingle() * 2 - 1);
            return Tensor.Of(shape, elements.ToArray());
        });
    }
}
