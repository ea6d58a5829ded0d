using System.Net;
using System.Net.Sockets;

namespace Caliper.Samples.Tests.Browser;

/// <summary>Any server of files: the files of a folder, to this machine alone.</summary>
internal sealed class FolderServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string _folder;

    public FolderServer(string folder)
    {
        _folder = folder;
        // The system chooses a free port.
        using (var socket = new TcpListener(IPAddress.Loopback, 0))
        {
            socket.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)socket.LocalEndpoint).Port}/";
        }
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _ = Task.Run(Serve);
    }

    /// <summary>Of the page that the folder has.</summary>
    public string Address { get; }

    public void Dispose() => ((IDisposable)_listener).Dispose();

    private async Task Serve()
    {
        try
        {
            while (true) await Answer(await _listener.GetContextAsync());
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // Nobody asks any more.
        }
    }

    private async Task Answer(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath is "/" ? "/index.html" : context.Request.Url.AbsolutePath;
        var file = Path.Join(_folder, path);
        using var response = context.Response;
        if (!File.Exists(file))
        {
            response.StatusCode = (int)HttpStatusCode.NotFound;
            return;
        }
        response.ContentType = Path.GetExtension(file) switch
        {
            ".html" => "text/html",
            ".js" => "text/javascript",
            ".wasm" => "application/wasm",
            _ => "application/octet-stream",
        };
        await response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(file));
    }
}
