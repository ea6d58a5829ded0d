using Caliper.Graphs;
using Caliper.Tests;

namespace Caliper.Hosting.Tests;

/// <summary>Small int8 networks in a folder of their own.</summary>
public sealed class Models : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("caliper-hosting").FullName;

    /// <summary>Elements of a sample, and of an answer.</summary>
    public const int Length = 3 * 8 * 8, Classes = 10;

    public string Folder => _folder;

    /// <summary>An int8 network; with a fixed batch, or free.</summary>
    public string Save(string name, int seed = 1, bool isFixed = false, bool mixes = false, int classes = Classes, bool dynamic = false,
        bool finds = false)
    {
        var model = new TestModel(seed).Input("x", isFixed ? 1 : -1, 3, 8, 8).ConvBlock("conv", "x", 3, 8)
            .Node("GlobalAveragePool", "conv.relu", "pool").Node("Flatten", "pool", "flat")
            .Weights("w", 0.5f, 8, classes).Node("MatMul", "flat w", mixes || finds ? "scores" : "y");
        // What each sample gets depends on all of them.
        if (mixes) model.Node("Softmax", "scores", "y", n => n.With("axis", 0));
        // How many there are, a run finds out.
        if (finds) model.Node("Relu", "scores", "positive").Node("NonZero", "positive", "y");
        using var built = model.Output("y", finds ? ElementType.Int64 : ElementType.Float32).Build();
        using var fused = built.Fuse();
        var path = Path.Combine(_folder, name);
        using var quantized = dynamic ? fused.QuantizeDynamic(QConfig.Default) : Static(fused, model);
        quantized.Save(path);
        return path;
    }

    public static float[] Sample(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Length).Select(_ => (float)(4 * random.NextDouble() - 2))];
    }

    /// <summary>The answer of a session, which is what a service must give.</summary>
    public static float[] Answer(string path, float[] sample)
    {
        using var session = Int8Session.Load(path);
        var scores = new float[Classes];
        session.Run(sample, scores);
        return scores;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static QuantizedModel Static(FusedModel fused, TestModel model)
    {
        using var prepared = fused.Prepare(QConfig.Default);
        for (var i = 0; i < 4; i++) prepared.Run(model.Batch(1));
        return prepared.Convert();
    }
}
