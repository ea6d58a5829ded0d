namespace Caliper.Tool.Demo;

/// <summary>Writes the models and the images of the demo into a folder, which appears whole or not at all.</summary>
internal static class SavedSample
{
    /// <summary>The float network's file.</summary>
    public const string FloatName = "glyphs.onnx";

    /// <summary>The int8 network's file.</summary>
    public const string Int8Name = "glyphs.int8.onnx";

    /// <summary>Refuses a folder that has something in it, before any work.</summary>
    public static void Check(string folder)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new CaliperException($"'{folder}' exists and is not an empty folder; choose another name.");
    }

    public static void Write(string folder, DemoFlow flow, byte[] page, CancellationToken cancellationToken)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(temporary);
            flow.Model.Save(Path.Combine(temporary, FloatName));
            SaveCheckpoint(Path.Combine(temporary, "glyphs.pth"));
            flow.Quantized.Save(Path.Combine(temporary, Int8Name));
            File.WriteAllBytes(Path.Combine(temporary, DemoPage.Name), page);
            GlyphSheet.Read("glyphs.calibration.png").Save(Path.Combine(temporary, "calibration"), cancellationToken);
            GlyphSheet.Read("glyphs.test.png").Save(Path.Combine(temporary, "test"), cancellationToken);
            if (Directory.Exists(path)) Directory.Delete(path);
            Directory.Move(temporary, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CaliperException($"The folder '{folder}' cannot be written: {error.Message}", error);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    private static void SaveCheckpoint(string path)
    {
        using var checkpoint = GlyphSheet.Resource("glyphs.pth");
        using var file = File.Create(path);
        checkpoint.CopyTo(file);
    }
}
