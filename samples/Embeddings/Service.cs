using Caliper.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace Embeddings;

/// <summary>A web API that embeds: a JSON list of sentences in, a list of vectors out.</summary>
internal static class Service
{
    /// <summary>Runs it until it is stopped, on http://localhost:5000 unless ASPNETCORE_URLS says otherwise.</summary>
    public static void Run(MiniLm files)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddTextEmbedder(files.Int8, files.Vocabulary);
        var app = builder.Build();
        app.MapPost("/embed", EmbedAsync);
        app.Run();
    }

    /// <summary>The vectors of some sentences; at most a thousand of at most 100,000 characters.</summary>
    internal static async Task<IResult> EmbedAsync(string[] sentences, IEmbeddingGenerator<string, Embedding<float>> generator,
        CancellationToken stopped)
    {
        if (sentences.Length > 1000 || sentences.Any(s => s is null or { Length: > 100_000 }))
            return Results.BadRequest("At most 1,000 sentences of at most 100,000 characters.");
        var vectors = await generator.GenerateAsync(sentences, cancellationToken: stopped);
        return Results.Ok(vectors.Select(v => v.Vector.ToArray()));
    }
}
