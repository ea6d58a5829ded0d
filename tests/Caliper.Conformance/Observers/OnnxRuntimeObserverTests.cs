using System.Globalization;
using System.Text.Json;
using Caliper.Graphs;
using Caliper.Observers;
using Caliper.Observers.OnnxRuntime;
using Caliper.Testing;

namespace Caliper.Conformance.Observers;

/// <summary>The thresholds that ONNX Runtime 1.21's own calibrators computed for streams of batches.</summary>
public class OnnxRuntimeObserverTests
{
    [Fact]
    public void Thresholds_are_those_of_ONNX_Runtime()
    {
        var fixture = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("fixtures", "ort_calibrators.json"))).RootElement;
        var compared = 0;
        foreach (var stream in fixture.GetProperty("cases").EnumerateArray())
        {
            foreach (var result in stream.GetProperty("results").EnumerateArray())
            {
                var observer = (OnnxRuntimeObserver)SpecOf(result).Create();
                foreach (var batch in stream.GetProperty("batches").EnumerateArray())
                    observer.Observe(Tensor.Vector([.. batch.EnumerateArray().Select(value => value.GetSingle())]));
                var expected = ((float)result.GetProperty("low").GetDouble(), (float)result.GetProperty("high").GetDouble());
                var place = $"{stream.GetProperty("stream").GetString()}: {result.GetRawText()}";
                Assert.True(expected == observer.CalculateRange(), $"{place} is not {observer.CalculateRange()}");
                compared++;
            }
        }
        Assert.Equal(16, compared);
    }

    private static ObserverSpec SpecOf(JsonElement result)
    {
        var scheme = result.GetProperty("symmetric").GetBoolean() ? "per_tensor_symmetric" : "per_tensor_affine";
        var (kind, key) = result.GetProperty("method").GetString() == "entropy"
            ? ("OnnxRuntimeEntropyObserver", "num_quantized_bins")
            : ("OnnxRuntimePercentileObserver", "percentile");
        var (bins, value) = (result.GetProperty("num_bins"), result.GetProperty(key).GetRawText());
        return ObserverSpec.FromJson(string.Create(CultureInfo.InvariantCulture,
            $$"""{"observer":"{{kind}}","qscheme":"{{scheme}}","bins":{{bins}},"{{key}}":{{value}}}"""));
    }
}
