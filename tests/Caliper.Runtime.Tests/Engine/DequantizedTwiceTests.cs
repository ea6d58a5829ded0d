using Caliper.Graphs;

namespace Caliper.Runtime.Tests.Engine;

/// <summary>The same bytes stand for other numbers under another scale or zero point, whoever read them first.</summary>
public class DequantizedTwiceTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Each_reader_has_its_own_scale_and_zero_point(bool areComputed, bool areFunctionsBetween)
    {
        byte[] bytes = [0, 1, 3, 100, 128, 200, 254, 255];
        var model = new SmallModel().Input("x", 8).Constant("one", Tensor.Scalar(1f)).Constant("zero", Tensor.Scalar((byte)0))
            .Constant("bytes", Tensor.Of(Shape.Of(8), bytes))
            .Constant("scaleA", Tensor.Scalar(0.5f)).Constant("zeroA", Tensor.Scalar((byte)3))
            .Constant("scaleB", Tensor.Scalar(0.25f)).Constant("zeroB", Tensor.Scalar((byte)100));
        if (areComputed) model.Node("QuantizeLinear", "x one zero", "q");
        else model.Node("Abs", "x", "unused");
        var read = areComputed ? "q" : "bytes";
        model.Node("DequantizeLinear", $"{read} scaleA zeroA", "a").Node("DequantizeLinear", $"{read} scaleB zeroB", "b")
            .Node("DequantizeLinear", $"{read} scaleA zeroB", "c").Node("DequantizeLinear", $"{read} scaleB zeroA", "d");
        if (areFunctionsBetween) foreach (var name in "abcd") model.Node("Neg", name.ToString(), name + "n");
        string[] outputs = areFunctionsBetween ? ["an", "bn", "cn", "dn"] : ["a", "b", "c", "d"];
        using var session = Int8Session.FromModel(model.Build(areComputed ? outputs : [.. outputs, "unused"]), new() { Threads = 1 });
        var results = session.Run(new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of(Shape.Of(8), Array.ConvertAll(bytes, b => (float)b)),
        });
        foreach (var (output, (scale, zero)) in outputs.Zip(new[] { (0.5f, 3), (0.25f, 100), (0.5f, 100), (0.25f, 3) }))
        {
            var expected = bytes.Select(b => (areFunctionsBetween ? -1 : 1) * scale * (b - zero));
            Assert.Equal(expected, results[output].Span<float>().ToArray());
        }
    }
}
