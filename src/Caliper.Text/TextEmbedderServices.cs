using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Caliper.Text;

/// <summary>Registers an embedder: <c>services.AddTextEmbedder("minilm.int8.onnx", "vocab.txt")</c>.</summary>
public static class TextEmbedderServices
{
    /// <summary>Adds an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of texts, one for all, loaded when it is first asked for.</summary>
    /// <param name="services">Where.</param>
    /// <param name="model">The <c>.onnx</c> file, int8 or float.</param>
    /// <param name="tokenizer">The tokenizer's file; see <see cref="TextTokenizer.Load"/>.</param>
    /// <param name="options">How a vector is made; null for the mean of the tokens, normalized.</param>
    public static IServiceCollection AddTextEmbedder(this IServiceCollection services, string model, string tokenizer,
        TextEmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(_ => TextEmbedder.Load(model, tokenizer, options));
    }
}
