using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caliper.Testing;

/// <summary>One page in a real browser, spoken to by its DevTools protocol.</summary>
internal sealed class HeadlessChromium : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("caliper-chromium-");
    private readonly CancellationTokenSource _timeout = new(2 * _patience);
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _answers = new();
    private readonly ConcurrentQueue<(string Method, JsonNode Parameters)> _events = new();
    private Process? _process;
    private string? _session;
    private int _lastId;

    /// <summary>Where the browser is, or null.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Prepend("/usr/bin")
        .Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);

    /// <summary>What the page's browser told of itself, oldest first.</summary>
    public IEnumerable<(string Method, JsonNode Parameters)> Events => _events;

    /// <summary>Starts the browser with an empty page.</summary>
    public static async Task<HeadlessChromium> Start(string executable)
    {
        var browser = new HeadlessChromium();
        try
        {
            await browser.Connect(executable);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command and waits for its answer.</summary>
    public async Task<JsonNode> Send(string method, object? parameters = null)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = _answers[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = JsonSerializer.SerializeToNode(parameters ?? new { }) };
        if (_session is not null) message["sessionId"] = _session;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, _timeout.Token);
        return await answer.Task.WaitAsync(_timeout.Token);
    }

    /// <summary>What a script of the page gives.</summary>
    public async Task<JsonNode?> Evaluate(string script)
    {
        var answer = await Send("Runtime.evaluate", new { expression = script, returnByValue = true, awaitPromise = true });
        Assert.Null(answer["exceptionDetails"]?.ToJsonString());
        return answer["result"]!["value"];
    }

    /// <summary>Waits until a script gives true.</summary>
    public async Task WaitUntil(string script)
    {
        while (!((await Evaluate(script))?.GetValue<bool>() ?? false)) await Task.Delay(20, _timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        if (_process is not null)
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        _timeout.Dispose();
        // The browser's children may write for a moment after their death sentence.
        for (var attempt = 0; Directory.Exists(_profile.FullName); attempt++)
        {
            try
            {
                _profile.Delete(recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && attempt < 200)
            {
                await Task.Delay(50);
            }
        }
    }

    private async Task Connect(string executable)
    {
        string[] arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server", "--remote-debugging-port=0",
            "--user-data-dir=" + _profile.FullName, "about:blank"];
        _process = Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        // The browser chooses a free port and writes it there, with the address in the second line.
        var file = Path.Combine(_profile.FullName, "DevToolsActivePort");
        string[] lines;
        while ((lines = File.Exists(file) ? await File.ReadAllLinesAsync(file, _timeout.Token) : []).Length < 2)
        {
            Assert.False(_process.HasExited, "the browser ended at once");
            await Task.Delay(20, _timeout.Token);
        }
        _socket.Options.Proxy = null;
        await _socket.ConnectAsync(new Uri($"ws://127.0.0.1:{lines[0]}{lines[1]}"), _timeout.Token);
        _ = Task.Run(Receive);
        var target = await Send("Target.createTarget", new { url = "about:blank" });
        var attached = await Send("Target.attachToTarget", new { targetId = target["targetId"]!.GetValue<string>(), flatten = true });
        _session = attached["sessionId"]!.GetValue<string>();
        foreach (var domain in (string[])["Page", "Runtime", "Log", "Network"]) await Send(domain + ".enable");
    }

    private async Task Receive()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (true)
            {
                using var message = new MemoryStream();
                WebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer, _timeout.Token);
                    message.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);
                var json = JsonNode.Parse(message.ToArray())!;
                if (json["method"] is { } method) _events.Enqueue((method.GetValue<string>(), json["params"]!));
                else if (_answers.TryRemove(json["id"]!.GetValue<int>(), out var answer))
                {
                    if (json["error"] is { } error) answer.SetException(new InvalidOperationException(error.ToJsonString()));
                    else answer.SetResult(json["result"]!);
                }
            }
        }
        catch (Exception e)
        {
            foreach (var answer in _answers.Values) answer.TrySetException(e);
        }
    }
}
