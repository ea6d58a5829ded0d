using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Testing;

namespace Caliper.Tests;

/// <summary>Files of newer exporters: what they say that older ones did not is read, computed or refused by name.</summary>
public class NewerFileTests
{
    [Theory]
    [InlineData(22, 10)]
    [InlineData(24, 12)]
    [InlineData(28, 14)]
    public void A_network_of_a_newer_opset_is_quantized_and_runs(long opset, long ir)
    {
        var model = PreparationTests.Branches().Model;
        using var newer = new FloatModel(Read(model with { Opsets = model.Opsets.SetItem("", opset), IrVersion = ir }));
        using var prepared = newer.Fuse().Prepare(QConfig.Default);
        var inputs = new TestModel(9).Input("x", -1, 3, 8, 8).Batch(4);
        prepared.Run(inputs);
        using var quantized = prepared.Convert();
        Assert.Equal((opset, ir), (quantized.Model.Opsets[""], quantized.Model.IrVersion));
        Assert.InRange(Closeness.Decibels(newer.Run(inputs)["y"], quantized.Run(inputs)["y"]), Tolerances.Int8Decibels, 80);
    }

    [Fact]
    public void An_operator_that_the_runtime_does_not_have_is_refused_by_name()
    {
        var model = new TestModel().Input("x", -1, 3).Node("SwiGLU", "x", "y").Output("y").Build().Model;
        using var newer = new FloatModel(model with { Opsets = model.Opsets.SetItem("", 28), IrVersion = 14 });
        var error = Assert.Throws<CaliperException>(() => newer.Run(new TestModel().Input("x", -1, 3).Batch(1)));
        Assert.Contains("'y' (SwiGLU)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ElementType.Int4, ElementType.Float32)]
    [InlineData(ElementType.Int2, ElementType.Float32)]
    [InlineData(ElementType.Float4E2M1, ElementType.Float8E8M0)]
    [InlineData(ElementType.Float8E4M3FN, ElementType.Float32)]
    public void Weights_in_blocks_are_the_numbers_that_they_stand_for(ElementType type, ElementType scaleType)
    {
        const int Inputs = 64, Outputs = 24, Block = 32;
        var random = new Random(3);
        var bytes = new byte[type.ByteCount(Inputs * Outputs)];
        // Below 0x60 no element of eight bits is a NaN.
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)random.Next(0x60);
        var blocks = Shape.Of(Inputs / Block, Outputs);
        var scales = scaleType is ElementType.Float32
            ? Tensor.Of(blocks, Enumerable.Range(0, 2 * Outputs).Select(_ => 0.1f + random.NextSingle()).ToArray())
            : new Tensor(scaleType, blocks, Enumerable.Range(0, 2 * Outputs).Select(_ => (byte)random.Next(122, 128)).ToArray());
        var built = new TestModel().Input("x", -1, Inputs).Constant("w", new Tensor(type, Shape.Of(Inputs, Outputs), bytes)).Constant("s", scales)
            .Node("DequantizeLinear", "w s", "real", n => n.With("axis", 0).With("block_size", Block).With("output_dtype", 1))
            .Node("MatMul", "x real", "y").Output("y").Build();
        using var model = new FloatModel(Read(built.Model with { Opsets = built.Model.Opsets.SetItem("", 25), IrVersion = 13 }));
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        var inputs = new TestModel(4).Input("x", -1, Inputs).Batch(16);
        prepared.Run(inputs);
        using var quantized = prepared.Convert();
        Assert.True(prepared.Plan.Layers.Single(l => l.Layer.OpType == "MatMul").IsInteger);
        var expected = model.Run(inputs)["y"];
        Assert.Contains(expected.Span<float>().ToArray(), y => MathF.Abs(y) > 0.5f);
        Assert.InRange(Closeness.Decibels(expected, quantized.Run(inputs)["y"]), Tolerances.Int8Decibels, 80);
    }

    private static Model Read(Model model) => OnnxFile.Read(OnnxFile.ToBytes(model));
}
