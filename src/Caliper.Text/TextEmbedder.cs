using System.Collections.Immutable;
using System.Numerics.Tensors;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Onnx;
using Microsoft.Extensions.AI;

namespace Caliper.Text;

/// <summary>
/// Makes vectors of texts with an int8 or float network, pooling and normalization included: Microsoft.Extensions.AI's embedding generator, on this
/// machine's processor. An int8 network runs on Caliper's own engine. Safe to call from several threads.
/// </summary>
/// <remarks>Texts of one length are run together, so that none is padded: a vector does not depend on what else was asked for, in int8 to the last
/// bit.</remarks>
public sealed class TextEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Texts that run together at most; fewer run one by one, so that the engine needs two plans a length.</summary>
    private const int TextsAtOnce = 8;

    private readonly FloatModel _model;
    private readonly TokenInputs _inputs;
    private readonly TextEmbedderOptions _options;
    private readonly EmbeddingGeneratorMetadata _metadata;

    private TextEmbedder(FloatModel model, TokenInputs inputs, TextEmbedderOptions options, string name)
    {
        (_model, _inputs, _options) = (model, inputs, options);
        Dimensions = VectorOf(inputs.Encode("")).Length;
        _metadata = new EmbeddingGeneratorMetadata("caliper", defaultModelId: name, defaultModelDimensions: Dimensions);
    }

    /// <summary>Numbers in a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Reads a network and its tokenizer.</summary>
    /// <param name="model">The <c>.onnx</c> file, int8 or float.</param>
    /// <param name="tokenizer">The tokenizer's file; see <see cref="TextTokenizer.Load"/>.</param>
    /// <param name="options">How a vector is made; null for the mean of the tokens, normalized.</param>
    /// <exception cref="CaliperException">A file cannot be used, or they do not go together; the message says why.</exception>
    public static TextEmbedder Load(string model, string tokenizer, TextEmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new TextEmbedderOptions();
        var tokens = TextTokenizer.Load(tokenizer);
        var file = OnnxFile.Read(model);
        var execution = new ExecutionOptions { Threads = options.Threads };
        var network = new FloatModel(file, file.IsQuantized() ? execution with { Backend = execution.Int8Backend } : execution);
        try
        {
            return new TextEmbedder(network, TokenInputs.For(network.Inputs, tokens, options.MaxLength),
                options, Path.GetFileNameWithoutExtension(model));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The vector of a text.</summary>
    /// <param name="text">The text; an empty one is its special tokens alone.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public ReadOnlyMemory<float> Embed(string text, CancellationToken cancellationToken = default) =>
        VectorOf(_inputs.Encode(text), cancellationToken);

    /// <summary>The vectors of some texts, in their order.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">Other dimensions than the network's are refused.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.Dimensions is { } wanted && wanted != Dimensions)
            throw new CaliperException($"The network makes vectors of {Dimensions} numbers, not {wanted}.");
        string[] texts = [.. values];
        return Task.Run(() => Generate(texts, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private GeneratedEmbeddings<Embedding<float>> Generate(string[] texts, CancellationToken cancellationToken)
    {
        var ids = texts.Select(_inputs.Encode).ToArray();
        var vectors = new float[texts.Length][];
        foreach (var length in Enumerable.Range(0, texts.Length).GroupBy(i => ids[i].Length))
        {
            foreach (var some in length.Chunk(TextsAtOnce).SelectMany(c => c.Length == TextsAtOnce ? [c] : c.Select(i => new[] { i })))
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var (place, vector) in some.Zip(VectorsOf([.. some.Select(i => ids[i])], cancellationToken))) vectors[place] = vector;
            }
        }
        var created = vectors.Select(vector => new Embedding<float>(vector) { ModelId = _metadata.DefaultModelId });
        var tokens = ids.Sum(i => (long)i.Length);
        return new GeneratedEmbeddings<Embedding<float>>(created) { Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens } };
    }

    private float[] VectorOf(ImmutableArray<int> ids, CancellationToken cancellationToken = default) => VectorsOf([ids], cancellationToken)[0];

    private float[][] VectorsOf(ImmutableArray<int>[] ids, CancellationToken cancellationToken)
    {
        var inputs = _inputs.Of(ids);
        var outputs = _model.Run(inputs, cancellationToken);
        var vectors = PooledVectors.Of(inputs, _model.Outputs.Select(o => outputs[o.Name]), _options.Pooling);
        foreach (var vector in vectors)
        {
            var length = TensorPrimitives.Norm<float>(vector);
            if (!float.IsFinite(length)) throw new CaliperException("A vector holds NaN or infinity: the network overflows on this text.");
            if (_options.Normalize && length > 0) TensorPrimitives.Divide(vector, length, vector);
        }
        return vectors;
    }
}
