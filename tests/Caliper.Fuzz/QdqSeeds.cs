using Caliper.Conformance.Engine;
using Caliper.Graphs;

namespace Caliper.Fuzz;

/// <summary>Quantized networks of one operator of a kind each.</summary>
internal static class QdqSeeds
{
    public static IEnumerable<Model> All() => [Movements(), Pools(), Products(), Functions(signed: true), Dynamic()];

    private static Model Movements()
    {
        var b = new QdqBuilder(1);
        var x = b.Input(-1, 4, 6, 6);
        var sliced = b.Keep("Slice", [x], null, b.Constant(Tensor.Vector(4L, 1L)), b.Constant(Tensor.Vector(0L, 5L)),
            b.Constant(Tensor.Vector(2L, 3L)),
            b.Constant(Tensor.Vector(-1L, 1L)));
        var padded = b.Keep("Pad", [sliced], null, b.Constant(Tensor.Vector(0L, 0, 1, 0, 0, 0, 1, 2)));
        var turned = b.Keep("Transpose", [padded], n => n.With("perm", 0, 2, 3, 1));
        var shaped = b.Keep("Reshape", [turned], null, b.Constant(Tensor.Vector(0L, -1L, 2L)));
        var expanded = b.Keep("Unsqueeze", [shaped], null, b.Constant(Tensor.Vector(1L)));
        return b.Build(false, b.Keep("Expand", [expanded], null, b.Constant(Tensor.Vector(1L, 3L, 1L, 1L))),
            b.Keep("Concat", [padded, padded], n => n.With("axis", 1L)));
    }

    private static Model Pools()
    {
        var b = new QdqBuilder(2);
        var x = b.Conv(b.Input(-1, 3, 7, 7), 3, 20, 3, 2, 1);
        var y = b.Apply("AveragePool", 3, [x],
            n => n.With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1).With("strides", 2, 2).With("ceil_mode", 1L));
        var z = b.Keep("MaxPool", [x], n => n.With("kernel_shape", 2, 2).With("dilations", 2, 2));
        var r = b.Keep("Resize", [z], n => n.With("mode", "nearest"), "", b.Constant(Tensor.Vector(1f, 1f, 2f, 2f)));
        return b.Build(true, y, b.Apply("Resize", 3, [r], n => n.With("mode", "linear"), false, "", "", b.Constant(Tensor.Vector(1L, 20L, 3L, 5L))),
            b.Apply("ReduceMean", 2, [x], n => n.With("axes", 2, 3).With("keepdims", 0L)));
    }

    private static Model Products()
    {
        var b = new QdqBuilder(3);
        var x = b.Input(-1, 2, 5, 8);
        var y = b.Input(1, 1, 8, 6);
        return b.Build(true, b.Apply("MatMul", 4, [x, y]), b.Gemm(b.Keep("Flatten", [x]), 80, 7, relu: true, transposed: false));
    }

    private static Model Functions(bool signed)
    {
        var b = new QdqBuilder(4) { Signed = signed };
        var x = b.Input(-1, 6, 10);
        var soft = b.Apply("Softmax", 1, [x], n => n.With("axis", 1L));
        var sum = b.Apply("Add", 4, [b.Apply("Mul", 4, [x, b.Bytes(6, 1)]), b.Apply("Sub", 4, [soft, b.Bytes(1, 1, 10)])]);
        return b.Build(true, b.Apply("LeakyRelu", 3, [sum]), b.Apply("Sigmoid", 1, [sum]));
    }

    private static Model Dynamic() => new Tests.TestModel().Input("x", 2, 3, 5, 5)
        .Constant("w", new Tensor(ElementType.UInt8, Shape.Of(4, 3, 3, 3), new byte[108])).Constant("z", Tensor.Scalar((byte)7))
        .Node("DynamicQuantizeLinear", "x", "q s zero").Node("ConvInteger", "q w z z", "c", n => n.With("pads", 1, 1, 1, 1))
        .Node("Cast", "c", "f", n => n.With("to", 1L)).Node("Mul", "f s", "y")
        .Constant("m", new Tensor(ElementType.Int8, Shape.Of(5, 2), new byte[10]))
        .Node("MatMulInteger", "q m", "mm").Node("Cast", "mm", "g", n => n.With("to", 1L)).Output("y").Output("g").Build(13).Model;
}
