namespace Caliper.Torch.Tests;

/// <summary>A file that disappears with the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("caliper-").FullName;

    public TemporaryFile(string name, byte[]? content = null)
    {
        Path = System.IO.Path.Combine(_folder, name);
        if (content is not null) File.WriteAllBytes(Path, content);
    }

    public string Path { get; }

    public string Folder => _folder;

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
