namespace Caliper.Evaluation.Tests;

/// <summary>A folder that is gone after the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("caliper-");

    /// <summary>The path of a file that need not exist.</summary>
    public string At(string name) => Path.Combine(_folder.FullName, name);

    public string File(string name, byte[] bytes)
    {
        var path = At(name);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
