namespace Caliper.Tool.Outputs;

/// <summary>Refuses an output that cannot be written before any work is done, not after.</summary>
internal static class OutputFile
{
    /// <exception cref="CaliperException">The file exists and may not be replaced, or cannot be written.</exception>
    public static void Check(string path, bool overwrite, params ReadOnlySpan<string?> inputs)
    {
        if (Directory.Exists(path)) throw new CaliperException($"The output '{path}' is a folder; name a file.");
        foreach (var input in inputs)
        {
            if (input is not null && Path.GetFullPath(input) == Path.GetFullPath(path))
                throw new CaliperException($"The output '{path}' is also an input; choose another name.");
        }
        if (File.Exists(path) && !overwrite)
            throw new CaliperException($"The output '{path}' exists; choose another name, or replace it with --overwrite.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            throw new CaliperException($"The output '{path}' cannot be written: there is no folder '{folder}'.");
        TryWriting(path, folder);
    }

    private static void TryWriting(string path, string folder)
    {
        try
        {
            var probe = Path.Combine(folder, $".caliper.{Guid.NewGuid():N}.tmp");
            File.Create(probe, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CaliperException($"The output '{path}' cannot be written: {error.Message}", error);
        }
    }
}
