using Caliper.Conformance.Engine;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Tests;

namespace Caliper.Fuzz;

/// <summary>The files that are mutated: small networks of every family of operators, float and quantized in both forms.</summary>
internal static class Seeds
{
    private const int MostBytes = 100_000;

    /// <summary>All of them, and the small models of a folder.</summary>
    public static byte[][] All(string? folder)
    {
        var floats = Floats().ToArray();
        var models = floats.Concat(floats.SelectMany(Quantized)).Concat(Enumerable.Range(0, 8).Select(i => RandomNetworks.Build(i, 6, 3 + i % 3)))
            .Concat(QdqSeeds.All()).Concat(BodySeeds.All());
        var files = folder is null ? [] : Directory.GetFiles(folder, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(f => new FileInfo(f).Length <= MostBytes).Select(File.ReadAllBytes);
        return [.. models.Select(OnnxFile.ToBytes), .. files];
    }

    private static IEnumerable<Model> Quantized(Model model)
    {
        foreach (var format in Enum.GetValues<Conversion.QuantizedFormat>())
        {
            var execution = new Execution.ExecutionOptions { Backend = new StubBackend(1), Threads = 1 };
            using var loaded = new FloatModel(model, execution);
            using var fused = loaded.Fuse();
            using var prepared = fused.Prepare(QConfig.Default);
            prepared.Run(StubBackend.Tensors(prepared.Inputs, new Random(1)));
            using var quantized = prepared.Convert(new Conversion.ConvertOptions { AllowUnobserved = true, Format = format });
            yield return quantized.Model;
        }
    }

    private static IEnumerable<Model> Floats()
    {
        yield return Fused();
        yield return Built(new TestModel().Input("x", -1, 3, 6, 6).ConvBlock("c", "x", 3, 8)
            .Weights("dw", 0.3f, 8, 1, 3, 3)
            .Node("Conv", "c.relu dw", "d", n => n.With("group", 8L).With("pads", 1, 1, 1, 1).With("kernel_shape", 3, 3))
            .Node("Add", "d c.relu", "a").Node("MaxPool", "a", "p", n => n.With("kernel_shape", 2, 2).With("strides", 2, 2))
            .Node("GlobalAveragePool", "p", "g").Node("Flatten", "g", "f").Weights("w", 0.3f, 5, 8).Weights("b", 0.3f, 5)
            .Node("Gemm", "f w b", "y", n => n.With("transB", 1L)).Output("y"));
        yield return Built(new TestModel().Input("x", -1, 6, 8)
            .Weights("s", 1, 8).Weights("t", 1, 8).Node("LayerNormalization", "x s t", "n", n => n.With("axis", -1L).With("epsilon", 1e-5f))
            .Weights("q", 0.3f, 8, 8).Weights("qb", 0.1f, 8).Node("MatMul", "n q", "m").Node("Add", "m qb", "mb")
            .Constant("shape", Tensor.Vector(0L, 6L, 2L, 4L)).Node("Reshape", "mb shape", "r")
            .Node("Transpose", "r", "h", n => n.With("perm", 0, 2, 1, 3))
            .Node("Transpose", "r", "k", n => n.With("perm", 0, 2, 3, 1)).Node("MatMul", "h k", "scores")
            .Node("Softmax", "scores", "p", n => n.With("axis", -1L)).Node("MatMul", "p h", "o").Node("Gelu", "o", "ge")
            .Constant("split", Tensor.Vector(1L, 1L)).Node("Split", "o split", "o1 o2", n => n.With("axis", 1L)).Node("Concat", "o2 o1", "cat",
                n => n.With("axis", 1L)).Node("ReduceMean", "cat", "y", n => n.With("axes", [-1L]).With("keepdims", 0L)).Output("y").Output("ge"));
        yield return Built(new TestModel().Input("x", -1, 2, 5, 7)
            .Constant("starts", Tensor.Vector(1L, 0L)).Constant("ends", Tensor.Vector(5L, 7L)).Constant("axes", Tensor.Vector(2L, 3L))
            .Constant("steps", Tensor.Vector(1L, 2L)).Node("Slice", "x starts ends axes steps", "s")
            .Constant("pads", Tensor.Vector(0L, 0, 1, 1, 0, 0, 1, 0)).Node("Pad", "s pads", "p").Constant("sizes", Tensor.Vector(1L, 2, 12, 10))
            .Constant("factors", Tensor.Vector(1f, 1f, 2f, 2f)).Node("Resize", "p _ factors", "z", n => n.With("mode", "nearest"))
            .Constant("index", Tensor.Vector(1L, 0L, 1L)).Node("Gather", "z index", "g", n => n.With("axis", 1L))
            .Weights("w", 0.3f, 4, 3, 3, 3).Node("Conv", "g w", "c", n => n.With("auto_pad", "SAME_UPPER").With("strides", 2, 2))
            .Node("Sigmoid", "c", "sg").Node("Mul", "c sg", "sw").Node("AveragePool", "sw", "ap",
                n => n.With("kernel_shape", 2, 2).With("pads", 0, 0, 1, 1).With("count_include_pad", 1L))
            .Constant("one", Tensor.Vector(1L)).Node("Unsqueeze", "ap one", "u").Node("Squeeze", "u one", "y").Output("y"), 13);
        yield return Built(new TestModel().Input("x", -1, 4, 9).Weights("w", 0.3f, 6, 4, 3).Weights("b", 0.3f, 6).Node("Conv", "x w b", "c",
                n => n.With("pads", 1, 1)).BatchNorm("bn", "c", 6).Node("Clip", "bn", "cl").Weights("t", 0.3f, 6, 2, 3)
            .Node("ConvTranspose", "cl t", "y", n => n.With("strides", [2L])).Node("ReduceMax", "cl", "z").Output("y").Output("z"));
    }

    /// <summary>Operators of ONNX Runtime's own that stand for several.</summary>
    private static Model Fused()
    {
        static Node Own(Node node) => node with { Domain = "com.microsoft" };
        return Built(new TestModel().Input("x", -1, 4, 6).Weights("g", 1, 6).Weights("o", 1, 6).Weights("w", 0.3f, 6, 18).Weights("b", 0.3f, 18)
            .Node("SkipLayerNormalization", "x x g o", "n", Own).Node("Attention", "n w b", "a", n => Own(n.With("num_heads", 2L)))
            .Node("QuickGelu", "a", "q", n => Own(n.With("alpha", 1f))).Node("BiasGelu", "q g", "e", Own)
            .Node("FusedMatMul", "e e", "m", n => Own(n.With("transB", 1L).With("alpha", 0.5f))).Weights("c", 0.3f, 3, 4, 1)
            .Node("FusedConv", "m c", "y", n => Own(n.With("activation", "Relu"))).Output("y"));
    }

    private static Model Built(TestModel model, long opset = 17)
    {
        using var built = model.Build(opset);
        return built.Model;
    }
}
