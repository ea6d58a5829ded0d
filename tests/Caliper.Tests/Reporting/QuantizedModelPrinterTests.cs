using Caliper.Conversion;

namespace Caliper.Tests.Reporting;

public class QuantizedModelPrinterTests
{
    [Theory]
    [InlineData(QuantizedFormat.Qdq)]
    [InlineData(QuantizedFormat.QOperator)]
    public void A_converted_network_prints_as_PyTorch_does(QuantizedFormat format)
    {
        var network = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4, relu: false)
            .Node("GlobalAveragePool", "a.bn", "pooled").Node("Flatten", "pooled", "flat")
            .Weights("w", 0.5f, 4, 5).Weights("c", 0.5f, 5).Node("Gemm", "flat w c", "y").Output("y");
        using var prepared = network.Build().Fuse().Prepare(QConfig.Onednn);
        prepared.Run(network.Batch(2));
        var text = prepared.Convert(new ConvertOptions { Format = format }).ToString();
        var lines = text.Split('\n').Select(l => l.Trim()).ToArray();
        Assert.Equal(("QuantizedModel(", ")"), (lines[0], lines[^1]));
        Assert.Contains(": Quantize(scale=", lines[1], StringComparison.Ordinal);
        Assert.Matches(@"^\(.*\): QuantizedConv2d\(3, 4, kernel_size=\(3, 3\), padding=\(1, 1\), scale=[0-9.E-]+, zero_point=[0-9]+\)", lines[2]);
        Assert.Contains(lines, l => l.Contains(": QuantizedLinear(in_features=4, out_features=5", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains(": DequantizeLinear", StringComparison.Ordinal));
    }
}
