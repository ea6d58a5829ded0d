using System.Numerics.Tensors;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Text;
using Embeddings;

namespace Caliper.Samples.Tests;

/// <summary>The trained encoder of samples/Embeddings, in float and quantized dynamically, which needs no data and little time.</summary>
public sealed class EmbeddingsTests : IDisposable
{
    private static readonly string Sentences = Path.Combine(AppContext.BaseDirectory, "sentences", "others.txt");

    private readonly string _folder = Directory.CreateTempSubdirectory("caliper-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What Sentence-Transformers' documentation shows for this network.</summary>
    [Fact]
    public void Float_vectors_are_those_of_Sentence_Transformers()
    {
        var files = MiniLm.Unpack(_folder);
        using var embedder = TextEmbedder.Load(files.Network, files.Vocabulary);
        var (food, bread) = (embedder.Embed("A man is eating food."), embedder.Embed("A man is eating a piece of bread."));
        Assert.Equal(384, embedder.Dimensions);
        Assert.Equal(0.7553, TensorPrimitives.Dot(food.Span, bread.Span), 4);
    }

    [Fact]
    public async Task A_float_index_is_found_by_dynamic_int8()
    {
        var files = MiniLm.Unpack(_folder);
        using var model = FloatModel.Load(files.Network);
        using (var fused = model.Fuse())
        using (var quantized = fused.QuantizeDynamic(QConfig.Default))
        {
            Assert.Null(CaliperBackend.WhyNot(quantized.Model));
            quantized.Save(files.Int8);
        }
        Assert.InRange(new FileInfo(files.Int8).Length, 20e6, 24e6);
        using var int8 = QuantizedModel.Load(files.Int8);
        var data = TextLoader.Open(Sentences, TextTokenizer.Load(files.Vocabulary), model.Inputs, batchSize: 1, selection: new() { Limit = 40 });
        var result = VectorComparison.Compare(model, int8, Pooling.Mean, data);
        Assert.InRange(result.LeastCosine, 0.97, 1);
        Assert.InRange(result.Recall10!.Value, 85, 100);

        using var embedder = TextEmbedder.Load(files.Int8, files.Vocabulary);
        var index = await SentenceIndex.MakeAsync(embedder,
            ["The dog chases a hedgehog.", "Interest rates fall again.", "Rain is expected in the north."]);
        Assert.Equal("Rain is expected in the north.", index.Search(embedder.Embed("weather forecast"), most: 1).Single().Sentence);
    }
}
