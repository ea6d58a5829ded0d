using System.Text.Json.Serialization;
using Caliper;
using Caliper.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace WebApi;

/// <summary>The routes, and what a client gets for each thing that can go wrong.</summary>
internal static class Api
{
    /// <summary>An app that answers by <c>model.onnx</c> of a folder.</summary>
    public static WebApplication Build(string folder, string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        builder.Services.AddInt8Service(Path.Combine(folder, "model.onnx"), new Int8ServiceOptions { QueueCapacity = 64 });
        var app = builder.Build();
        // Now, and not by the first request: a model that cannot be run should keep the app from starting.
        app.Services.GetRequiredService<Int8Service>();
        app.MapPost("/classify", ClassifyAsync);
        // In earnest, put this behind authorization.
        app.MapPost("/model/{name}", (string name, Int8Service service) => Swap(Path.Combine(folder, Path.GetFileName(name)), service));
        return app;
    }

    private static async Task<IResult> ClassifyAsync([FromBody] float[] values, Int8Service service, CancellationToken aborted)
    {
        try
        {
            return Results.Ok(await service.RunAsync(values, aborted));
        }
        catch (ArgumentException error)
        {
            return Results.Text(error.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        catch (ServiceBusyException error)
        {
            return Results.Text(error.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static IResult Swap(string path, Int8Service service)
    {
        try
        {
            service.Swap(path);
            return Results.NoContent();
        }
        catch (CaliperException error)
        {
            return Results.Text(error.Message, statusCode: StatusCodes.Status409Conflict);
        }
    }
}

/// <summary>What goes over the wire, known at compile time: the app may be published as native code.</summary>
[JsonSerializable(typeof(float[]))]
internal sealed partial class ApiJson : JsonSerializerContext;
