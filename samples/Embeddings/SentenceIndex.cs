using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace Embeddings;

/// <summary>Sentences and their vectors, searched one by one: enough for some ten thousand.</summary>
internal sealed class SentenceIndex
{
    private readonly string[] _sentences;
    private readonly ReadOnlyMemory<float>[] _vectors;

    private SentenceIndex(string[] sentences, ReadOnlyMemory<float>[] vectors) => (_sentences, _vectors) = (sentences, vectors);

    /// <summary>Makes the vectors of some sentences.</summary>
    public static async Task<SentenceIndex> MakeAsync(IEmbeddingGenerator<string, Embedding<float>> generator, string[] sentences) =>
        new(sentences, [.. (await generator.GenerateAsync(sentences)).Select(e => e.Vector)]);

    /// <summary>The sentences nearest to a vector, with their cosines.</summary>
    public IEnumerable<(double Cosine, string Sentence)> Search(ReadOnlyMemory<float> query, int most) =>
        _vectors.Select((v, i) => ((double)TensorPrimitives.Dot(v.Span, query.Span), _sentences[i]))
            .OrderByDescending(found => found.Item1).Take(most);
}
