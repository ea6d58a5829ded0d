using Caliper.Conformance.Onnx;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>A run of a network whose shapes only a run knows.</summary>
internal static class StageRun
{
    /// <summary>Runs a network in both engines; the results must be equal.</summary>
    public static void Check(Model model, Int8Session session, Dictionary<string, Tensor> feeds)
    {
        var expected = OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        var actual = session.Run(feeds);
        foreach (var (name, tensor) in expected)
        {
            Assert.Equal((tensor.Type, tensor.Shape), (actual[name].Type, actual[name].Shape));
            if (StandardTest.Difference(tensor, actual[name]) is { } difference) Assert.Fail($"{name}: {difference}");
        }
    }
}
