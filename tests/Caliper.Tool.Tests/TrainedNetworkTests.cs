using System.Globalization;
using System.Text.Json;
using Caliper.Testing;

namespace Caliper.Tool.Tests;

/// <summary>Trained networks reach their targets without hand work. All are in docs/7, by <c>bench -- recovery</c>; these take seconds.</summary>
public sealed class TrainedNetworkTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    /// <summary>A noise suppressor of LSTMs, one of GRUs and caches, a wake word, and a sound front end, which needs 16 bits throughout.</summary>
    [Theory, InlineData("dtln_1"), InlineData("gtcrn_simple"), InlineData("hey_jarvis_v0.1"), InlineData("melspectrogram")]
    public void A_sound_network_reaches_its_target(string name)
    {
        string Of(string file) => SharedFolder.Path("zoo", name, file);
        var target = File.ReadLines(SharedFolder.Path("zoo", "targets.csv")).Select(line => line.Split(',')).First(cells => cells[0] == name)[3];
        var json = ToolRun.Of("quantize", Of("model.onnx"), "--data", Of("calibration.npz"), "--test-data", Of("test.npz"),
            "-o", _sample["out.onnx"], "--format", "json").Json;
        var decibels = json.GetProperty("sqnrDecibels").EnumerateObject().Select(output => output.Value)
            .Where(value => value.ValueKind is JsonValueKind.Number).Min(value => value.GetDouble());
        Assert.InRange(decibels, double.Parse(target, CultureInfo.InvariantCulture), double.PositiveInfinity);
    }
}
