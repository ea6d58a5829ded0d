using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using WebApi;

namespace Caliper.Hosting.Tests;

/// <summary>samples/WebApi, over HTTP.</summary>
public sealed class WebApiTests : IAsyncLifetime
{
    private readonly Models _models = new();
    private readonly HttpClient _client = new();
    private WebApplication? _app;

    public async ValueTask InitializeAsync()
    {
        _models.Save("model.onnx");
        _models.Save("better.onnx", seed: 2);
        _models.Save("other.onnx", classes: 11);
        _app = Api.Build(_models.Folder, ["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None"]);
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    [Fact]
    public async Task It_answers_swaps_under_load_and_refuses_what_is_wrong()
    {
        string model = Path.Combine(_models.Folder, "model.onnx"), better = Path.Combine(_models.Folder, "better.onnx");
        float[][] allowed = [Models.Answer(model, Models.Sample(0)), Models.Answer(better, Models.Sample(0))];
        Assert.Equal(allowed[0], await ScoresAsync());
        var isOver = false;
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref isOver))
            {
                var scores = await ScoresAsync();
                Assert.Contains(allowed, a => a.AsSpan().SequenceEqual(scores));
            }
        })).ToArray();
        for (var swap = 0; swap < 6; swap++)
        {
            var response = await _client.PostAsync(swap % 2 == 0 ? "/model/better.onnx" : "/model/model.onnx", null);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(callers);

        foreach (var wrong in new[] { "other.onnx", "absent.onnx", "..%2F..%2Fetc%2Fpasswd" })
            Assert.Equal(HttpStatusCode.Conflict, (await _client.PostAsync("/model/" + wrong, null)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.PostAsJsonAsync("/classify", new float[3])).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _client.PostAsJsonAsync("/classify", "nonsense")).StatusCode);
        Assert.Equal(allowed[0], await ScoresAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_app is not null) await _app.DisposeAsync();
        _models.Dispose();

    }

    private async Task<float[]> ScoresAsync()
    {
        var response = await _client.PostAsJsonAsync("/classify", Models.Sample(0));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<float[]>())!;
    }
}
