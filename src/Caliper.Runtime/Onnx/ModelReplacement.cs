using Caliper.Files;
using Caliper.Graphs;
using Google.Protobuf;

namespace Caliper.Onnx;

/// <summary>
/// Replaces a model, and the file with its weights, as one: the new weights get a name of their own first, then one renaming of
/// the model leads to them. Until then the old model has its old weights, whole; those are removed last.
/// </summary>
internal static class ModelReplacement
{
    /// <summary>Writes a model as one file.</summary>
    public static void WriteWhole(Model model, string path)
    {
        using var file = new ReplacedFile(path);
        ModelWriter.Write(model, TensorWriter.Write).WriteTo(file.Stream);
        Commit(file, ReplacedFile.TargetOf(path));
    }

    /// <summary>Writes a model, and weights of so many bytes or more beside it.</summary>
    public static void WritePair(Model model, string path, long smallestExternalInBytes)
    {
        if (new FileInfo(path).LinkTarget is not null) throw new CaliperException(
            $"The output '{path}' is a link, and a model with weights beside it cannot be read through one; name the file it leads to.");
        var dataPath = ExternalDataFiles.FreeFor(path);
        using var file = new ReplacedFile(path);
        using (var dataFile = new ReplacedFile(dataPath))
        {
            var data = new ExternalDataWriter(dataFile.Stream, Path.GetFileName(dataPath), smallestExternalInBytes);
            ModelWriter.Write(model, data.Write).WriteTo(file.Stream);
            dataFile.Commit();
        }
        try
        {
            Commit(file, path);
        }
        catch
        {
            File.Delete(dataPath);
            throw;
        }
    }

    private static void Commit(ReplacedFile file, string path)
    {
        var replaced = ExternalDataFiles.ReplacedWith(path);
        file.Commit();
        foreach (var data in replaced)
        {
            try
            {
                File.Delete(data);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The new model is in its place and whole; that the old one's weights take room is no error.
            }
        }
    }
}
