using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Caliper.Text.Tests;

public class TextEmbedderTests : IDisposable
{
    private const int Tokens = 300, Width = 32;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_vector_does_not_depend_on_what_else_was_asked_for(bool isInt8)
    {
        using var embedder = Load(isInt8);
        string[] texts = [.. Enumerable.Range(0, 60).Select(Text)];
        var together = await embedder.GenerateAsync(texts);
        Assert.Equal(texts.Length, together.Count);
        foreach (var (text, vector) in texts.Zip(together)) Assert.Equal(embedder.Embed(text).ToArray(), vector.Vector.ToArray());
        Assert.All(together, v => Assert.Equal(1, v.Vector.ToArray().Sum(x => x * x), 5));
        Assert.True(together.Usage!.InputTokenCount > texts.Length * 2);
    }

    [Fact]
    public void The_vector_is_the_mean_of_the_tokens_vectors()
    {
        using var mean = Load(isInt8: false, new() { Normalize = false });
        using var first = Load(isInt8: false, new() { Normalize = false, Pooling = Caliper.Evaluation.Pooling.Cls });
        using var model = FloatModel.Load(Path.Combine(_folder.Path, "float.onnx"));
        var ids = TextTokenizer.Load(Path.Combine(_folder.Path, "vocab.txt")).Encode("w1 w2", 16);
        var states = model.Run(Inputs(ids))["states"].Span<float>().ToArray();
        var expected = Enumerable.Range(0, Width).Select(i => (states[i] + states[Width + i] + states[2 * Width + i] + states[3 * Width + i]) / 4);
        Assert.Equal(expected, mean.Embed("w1 w2").ToArray());
        Assert.Equal(states[..Width], first.Embed("w1 w2").ToArray());
    }

    [Fact]
    public void Sixteen_threads_get_the_vectors_that_one_gets()
    {
        using var embedder = Load(isInt8: true);
        float[][] alone = [.. Enumerable.Range(0, 24).Select(i => embedder.Embed(Text(i)).ToArray())];
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 16 },
            i => Assert.Equal(alone[i % 24], embedder.Embed(Text(i % 24)).ToArray()));
    }

    [Fact]
    public async Task One_line_registers_it()
    {
        WriteFiles(isInt8: true);
        var services = new ServiceCollection().AddTextEmbedder(Path.Combine(_folder.Path, "int8.onnx"), Path.Combine(_folder.Path, "vocab.txt"));
        using var provider = services.BuildServiceProvider();
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Assert.Same(generator, provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.Equal(Width, (await generator.GenerateVectorAsync("w5 w6")).Length);
        var about = Assert.IsType<EmbeddingGeneratorMetadata>(generator.GetService(typeof(EmbeddingGeneratorMetadata)));
        Assert.Equal(("caliper", "int8", Width), (about.ProviderName, about.DefaultModelId, about.DefaultModelDimensions));
    }

    [Fact]
    public async Task Texts_of_every_length_have_a_vector()
    {
        using var embedder = Load(isInt8: true, new() { MaxLength = 8 });
        var longest = string.Join(' ', Enumerable.Range(0, 6).Select(i => $"w{i}"));
        Assert.Equal(embedder.Embed(longest).ToArray(), embedder.Embed(longest + " w7 w8").ToArray());
        Assert.Equal(embedder.Embed("").ToArray(), embedder.Embed("  ").ToArray());
        Assert.NotEqual(embedder.Embed("").ToArray(), embedder.Embed("w1").ToArray());
        Assert.Empty(await embedder.GenerateAsync([]));
    }

    [Fact]
    public async Task Other_dimensions_and_a_network_of_pictures_are_refused()
    {
        using var embedder = Load(isInt8: false);
        Assert.Contains("32 numbers", (await Assert.ThrowsAsync<CaliperException>(
            () => embedder.GenerateAsync(["w1"], new EmbeddingGenerationOptions { Dimensions = 16 }))).Message);
        Assert.Contains("[N, H]", Assert.Throws<CaliperException>(() => Load(false, new() { Pooling = Caliper.Evaluation.Pooling.None })).Message);
    }

    private static string Text(int i) => string.Join(' ', Enumerable.Range(0, i % 7).Select(k => $"w{(i * 31 + k * 17) % 290}"));

    private static Dictionary<string, Tensor> Inputs(ImmutableArray<int> ids) => new()
    {
        ["input_ids"] = Tensor.Of(Shape.Of(1, ids.Length), [.. ids.Select(i => (long)i)]),
        ["attention_mask"] = Tensor.Of(Shape.Of(1, ids.Length), [.. ids.Select(_ => 1L)]),
    };

    private TextEmbedder Load(bool isInt8, TextEmbedderOptions? options = null)
    {
        WriteFiles(isInt8);
        return TextEmbedder.Load(Path.Combine(_folder.Path, isInt8 ? "int8.onnx" : "float.onnx"), Path.Combine(_folder.Path, "vocab.txt"), options);
    }

    /// <summary>An embedding table and a linear layer, N×L to N×L×32, in float, and in int8 if asked for.</summary>
    private void WriteFiles(bool isInt8)
    {
        _folder.Put("vocab.txt", string.Join('\n', [.. new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]" },
            .. Enumerable.Range(0, Tokens - 4).Select(i => $"w{i}")]));
        var random = new Random(7);
        Tensor Random(int rows, int columns) => Tensor.Of(Shape.Of(rows, columns),
            [.. Enumerable.Range(0, rows * columns).Select(_ => (float)(random.NextDouble() - 0.5))]);
        var tokens = new Shape([Dimension.Named("n"), Dimension.Named("l")]);
        var initializers = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
            new Dictionary<string, Tensor> { ["table"] = Random(Tokens, Width), ["weight"] = Random(Width, Width), ["last"] = Tensor.Vector(2L) });
        Node[] nodes =
        [
            new Node("rows", "Gather", ["table", "input_ids"], ["rows.out"]),
            new Node("cast", "Cast", ["attention_mask"], ["mask.float"]).With("to", 1),
            new Node("wide", "Unsqueeze", ["mask.float", "last"], ["mask.wide"]),
            new Node("masked", "Mul", ["rows.out", "mask.wide"], ["masked.out"]),
            new Node("linear", "MatMul", ["masked.out", "weight"], ["states"]),
        ];
        var graph = new Graph("encoder", [new Value("input_ids", ElementType.Int64, tokens), new Value("attention_mask", ElementType.Int64, tokens)],
            [new Value("states", ElementType.Float32, new Shape([.. tokens.Dimensions, Dimension.Of(Width)]))], nodes, initializers);
        var path = Path.Combine(_folder.Path, "float.onnx");
        OnnxFile.Write(new Model(graph, ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("", 17L)])), path);
        if (!isInt8) return;
        using var model = FloatModel.Load(path);
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        for (var i = 0; i < 8; i++) prepared.Run(Inputs([.. Enumerable.Range(0, 9).Select(k => (i * 37 + k) % Tokens)]));
        using var quantized = prepared.Convert();
        quantized.Save(Path.Combine(_folder.Path, "int8.onnx"));
    }

    public void Dispose() => _folder.Dispose();
}
