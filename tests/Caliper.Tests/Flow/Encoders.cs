using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Tests.Flow;

/// <summary>Transformers of random weights: a vision transformer's blocks as PyTorch exports them from version 2.6 on, and a DistilBERT in the pieces
/// of older exports. As in trained ones, few channels of the residual stream reach far.</summary>
internal sealed class Encoders
{
    private const int Blocks = 2, Tokens = 500, MostPositions = 64;

    private readonly TestModel _model = new(7);
    private readonly int _width, _heads;

    private Encoders(int width, int heads)
    {
        (_width, _heads) = (width, heads);
        _model.Constant("half", Tensor.Scalar(0.5f)).Constant("one", Tensor.Scalar(1f)).Constant("root", Tensor.Scalar(1.4142135f))
            .Constant("two", Tensor.Scalar(2f)).Constant("eps", Tensor.Scalar(1e-6f))
            .Constant("scale", Tensor.Scalar(MathF.Sqrt(width / (float)heads)))
            .Constant("apart", Tensor.Vector<long>(0, 0, heads, width / heads)).Constant("together", Tensor.Vector<long>(0, 0, width))
            .Constant("gains", Tensor.Vector([.. Enumerable.Range(0, width).Select(c => c % 150 == 7 ? 8f : 1f)]));
    }

    /// <summary>Images to features: patches, blocks with the norm before, a norm at the end. The width and the heads are those of ViT-S.</summary>
    public static FloatModel Vision()
    {
        var e = new Encoders(384, 6);
        e._model.Input("image", -1, 3, 64, 64).Weights("patch.w", 0.06f, 384, 3, 16, 16)
            .Node("Conv", "image patch.w", "patches", n => n.With("kernel_shape", 16, 16).With("strides", 16, 16))
            .Constant("flat", Tensor.Vector<long>(0, 384, -1)).Node("Reshape", "patches flat", "columns")
            .Node("Transpose", "columns", "rows", n => n.With("perm", 0, 2, 1))
            .Weights("positions", 0.5f, 1, 16, 384).Node("Add", "rows positions", "x0");
        var x = "x0";
        for (var block = 0; block < Blocks; block++)
        {
            var a = $"a{block}";
            x = e.Sum(x, e.Attention(a, e.Norm(a + ".norm", x), null), a);
            var m = $"m{block}";
            x = e.Sum(x, e.Perceptron(m, e.Norm(m + ".norm", x)), m);
        }
        e._model.Node("Mul", e.Norm("last", x) + " one", "y").Output("y");
        return e._model.Build();
    }

    /// <summary>Tokens and a mask of free lengths to states: embeddings, blocks with the norm after them, in its pieces.</summary>
    public static FloatModel Text()
    {
        var e = new Encoders(192, 6);
        e._model.Input(ElementType.Int64, "input_ids", -1, -2).Input(ElementType.Int64, "attention_mask", -1, -2)
            .Weights("words", 1, Tokens, 192).Node("Gather", "words input_ids", "found")
            .Weights("positions", 0.5f, 1, MostPositions, 192).Node("Shape", "input_ids", "lengths").Constant("second", Tensor.Vector(1L))
            .Node("Gather", "lengths second", "length").Constant("start", Tensor.Vector(0L)).Node("Slice", "positions start length second", "placed")
            .Node("Add", "found placed", "embedded")
            .Constant("axes", Tensor.Vector<long>(1, 2)).Node("Unsqueeze", "attention_mask axes", "mask4")
            .Node("Cast", "mask4", "maskf", n => n.With("to", (long)ElementType.Float32)).Node("Sub", "one maskf", "absent")
            .Constant("far", Tensor.Scalar(-3.4e38f)).Node("Mul", "absent far", "mask");
        var x = e.NormInPieces("n", "embedded");
        for (var block = 0; block < Blocks; block++)
        {
            var (a, m) = ($"a{block}", $"m{block}");
            x = e.NormInPieces(a + ".norm", e.Sum(x, e.Attention(a, x, "mask"), a));
            x = e.NormInPieces(m + ".norm", e.Sum(x, e.Perceptron(m, x), m));
        }
        e._model.Node("Mul", x + " one", "y").Output("y");
        return e._model.Build();
    }

    /// <summary>Sentences of one length; after their own words, padding.</summary>
    public static Dictionary<string, Tensor> Sentences(int samples, int length, int seed, int padding = 0)
    {
        var random = new Random(seed);
        var (ids, mask) = (new long[samples * (length + padding)], new long[samples * (length + padding)]);
        for (var i = 0; i < ids.Length; i++)
            if (i % (length + padding) < length) (ids[i], mask[i]) = (random.Next(1, Tokens), 1);
        var shape = Shape.Of(samples, length + padding);
        return new() { ["input_ids"] = Tensor.Of(shape, ids), ["attention_mask"] = Tensor.Of(shape, mask) };
    }

    /// <summary>Batches to calibrate with.</summary>
    public static Batch[] Data(bool isText, int count = 5) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Batch(isText ? Sentences(2, 4 + i, 100 + i) : Images(2, 100 + i), null, [$"{i}.0", $"{i}.1"])),
    ];

    /// <summary>Random images, soft so that patches differ as those of pictures do.</summary>
    public static Dictionary<string, Tensor> Images(int samples, int seed)
    {
        var random = new Random(seed);
        var pixels = new float[samples * 3 * 64 * 64];
        var level = 0f;
        for (var i = 0; i < pixels.Length; i++) pixels[i] = level = (0.95f * level) + (random.NextSingle() - 0.5f);
        return new() { ["image"] = Tensor.Of(Shape.Of(samples, 3, 64, 64), pixels) };
    }

    private string Sum(string x, string y, string name)
    {
        _model.Node("Add", $"{x} {y}", name + ".sum");
        return name + ".sum";
    }

    private string Norm(string name, string x)
    {
        _model.Weights(name + ".b", 0.2f, _width).Node("LayerNormalization", $"{x} gains {name}.b", name);
        return name;
    }

    private string NormInPieces(string name, string x)
    {
        _model.Weights(name + ".b", 0.2f, _width).Node("ReduceMean", x, name + ".mean", n => n.With("axes", [-1L]))
            .Node("Sub", $"{x} {name}.mean", name + ".d").Node("Pow", $"{name}.d two", name + ".sq")
            .Node("ReduceMean", name + ".sq", name + ".var", n => n.With("axes", [-1L])).Node("Add", $"{name}.var eps", name + ".ve")
            .Node("Sqrt", name + ".ve", name + ".s").Node("Div", $"{name}.d {name}.s", name + ".q").Node("Mul", $"{name}.q gains", name + ".g")
            .Node("Add", $"{name}.g {name}.b", name);
        return name;
    }

    private string Linear(string name, string x, int from, int to)
    {
        _model.Weights(name + ".w", 1.7f / MathF.Sqrt(from), from, to).Weights(name + ".bias", 0.1f, to)
            .Node("MatMul", $"{x} {name}.w", name + ".p").Node("Add", $"{name}.p {name}.bias", name);
        return name;
    }

    private string Attention(string name, string x, string? mask)
    {
        foreach (var (part, perm) in new[] { ("q", new long[] { 0, 2, 1, 3 }), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3]) })
            _model.Node("Reshape", Linear($"{name}.{part}", x, _width, _width) + " apart", $"{name}.{part}4")
                .Node("Transpose", $"{name}.{part}4", $"{name}.{part}t", n => n.With("perm", perm));
        _model.Node("MatMul", $"{name}.qt {name}.kt", name + ".raw").Node("Div", $"{name}.raw scale", name + ".scaled");
        if (mask is not null) _model.Node("Add", $"{name}.scaled {mask}", name + ".masked");
        _model.Node("Softmax", name + (mask is null ? ".scaled" : ".masked"), name + ".share", n => n.With("axis", -1L))
            .Node("MatMul", $"{name}.share {name}.vt", name + ".mixed")
            .Node("Transpose", name + ".mixed", name + ".back", n => n.With("perm", 0, 2, 1, 3))
            .Node("Reshape", $"{name}.back together", name + ".all");
        return Linear(name + ".o", name + ".all", _width, _width);
    }

    private string Perceptron(string name, string x)
    {
        var wide = Linear(name + ".up", x, _width, 4 * _width);
        _model.Node("Div", wide + " root", name + ".r").Node("Erf", name + ".r", name + ".e").Node("Add", $"{name}.e one", name + ".e1")
            .Node("Mul", $"{wide} {name}.e1", name + ".m").Node("Mul", $"{name}.m half", name + ".gelu");
        return Linear(name + ".down", name + ".gelu", 4 * _width, _width);
    }
}
