using System.Text.Json;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Testing;

namespace Caliper.Conformance.Observers;

/// <summary>
/// <c>torch.quantize_per_tensor</c> and <c>torch.fake_quantize_per_tensor_affine</c>, bit for bit. One value of each case is
/// left out: 1e30 divided by the scale does not fit int64, so that PyTorch's cast is undefined and gives the least integer
/// on x86; ours saturates at the greatest.
/// </summary>
public class PyTorchQuantizeTests
{
    private const float TooLargeForPyTorch = 1e30f;

    [Fact]
    public void Integers_are_those_of_PyTorch() => Assert.Equal(6, Cases().Count(entry =>
    {
        if (!entry.TryGetProperty("int_repr", out var integers)) return false;
        var q = Quantizer.Quantize(Input(entry), Parameters(entry), QuantizationRule.PyTorch);
        var expected = integers.EnumerateArray().Select(value => value.GetInt32()).ToArray();
        var actual = q.Type is ElementType.UInt8
            ? q.Span<byte>().ToArray().Select(value => (int)value).ToArray()
            : [.. q.Span<sbyte>().ToArray().Select(value => (int)value)];
        AssertEqual(entry, expected, actual, greatest: Parameters(entry).Type.Max);
        return true;
    }));

    [Fact]
    public void Fake_quantized_values_are_those_of_PyTorch() => Assert.All(Cases(), entry =>
    {
        var parameters = Parameters(entry);
        var fake = Quantizer.FakeQuantize(Input(entry), parameters, QuantizationRule.PyTorch);
        var expected = entry.GetProperty("fake_quantized").EnumerateArray().Select(value => value.GetSingle()).ToArray();
        AssertEqual(entry, expected, fake.Span<float>().ToArray(), greatest: parameters.RangeMax);
    });

    private static void AssertEqual<T>(JsonElement entry, T[] expected, T[] actual, T greatest)
    {
        var input = Input(entry).Span<float>();
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(input[i] == TooLargeForPyTorch ? greatest : expected[i], actual[i]);
    }

    private static IEnumerable<JsonElement> Cases()
    {
        var fixture = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("fixtures", "operators.json")));
        return fixture.RootElement.GetProperty("quantize").EnumerateArray();
    }

    private static Tensor Input(JsonElement entry) =>
        Tensor.Vector([.. entry.GetProperty("input").EnumerateArray().Select(value => value.GetSingle())]);

    private static QuantizationParameters Parameters(JsonElement entry) => QuantizationParameters.PerTensor(
        new QuantizedType(
            entry.GetProperty("dtype").GetString() is "qint8" ? ElementType.Int8 : ElementType.UInt8,
            entry.GetProperty("quant_min").GetInt32(), entry.GetProperty("quant_max").GetInt32()),
        entry.GetProperty("scale").GetSingle(), entry.GetProperty("zero_point").GetInt32());
}
