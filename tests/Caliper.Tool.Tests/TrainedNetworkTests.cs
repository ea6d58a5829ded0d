using System.Text.Json;
using Caliper.Testing;

namespace Caliper.Tool.Tests;

/// <summary>Trained networks keep their quality without hand work. All are in docs/7, by <c>bench -- recovery</c>; this one takes seconds.</summary>
public sealed class TrainedNetworkTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_noise_suppressor_with_states_keeps_its_decibels()
    {
        string File(string name) => SharedFolder.Path("zoo", "dtln_1", name);
        var json = ToolRun.Of("quantize", File("model.onnx"), "--data", File("calibration.npz"), "--test-data", File("test.npz"),
            "-o", _sample["out.onnx"], "--format", "json").Json;
        var decibels = json.GetProperty("sqnrDecibels").EnumerateObject().First(output => output.Value.ValueKind is JsonValueKind.Number);
        Assert.InRange(decibels.Value.GetDouble(), 45, double.PositiveInfinity);
    }
}
