using Caliper.Files;
using Caliper.Onnx;
using Caliper.Tool.Inputs;

namespace Caliper.Tool.Outputs;

/// <summary>A file that a command is to write. What cannot be written, or would destroy an input, is refused before any work.</summary>
/// <param name="Path">Where it goes; null where it was not asked for.</param>
/// <param name="MayReplace">Whether a file that is there may go.</param>
internal readonly record struct OutputFile(string? Path, bool MayReplace)
{
    /// <summary>Holds all outputs of a command against each other and against all that it reads.</summary>
    /// <exception cref="CaliperException">One exists and may not be replaced, is an input by whatever name, or cannot be written.</exception>
    public static void Check(InputFiles inputs, params ReadOnlySpan<OutputFile> outputs)
    {
        HashSet<FileIdentity>? read = null;
        for (var i = 0; i < outputs.Length; i++)
        {
            var (path, mayReplace) = outputs[i];
            if (path is null) continue;
            var target = TargetOf(path);
            foreach (var other in outputs[..i])
            {
                if (other.Path is not null && FileIdentity.AreSame(other.Path, path))
                    throw new CaliperException($"The output '{path}' is also another output of this command; choose another name.");
            }
            if (FileIdentity.Of(target) is { } replaced)
            {
                // Looked for only where something would go: a folder may hold a million samples.
                read ??= [.. inputs.All().Select(FileIdentity.Of).OfType<FileIdentity>()];
                RefuseInput(path, replaced, read);
                if (!mayReplace)
                    throw new CaliperException($"The output '{path}' exists; choose another name, or replace it with --overwrite.");
            }
            TryWriting(path, target);
        }
    }

    private static void RefuseInput(string path, FileIdentity replaced, HashSet<FileIdentity> read)
    {
        if (read.Contains(replaced)) throw new CaliperException($"The output '{path}' is also an input; choose another name.");
        foreach (var weights in ExternalDataFiles.ReplacedWith(path))
        {
            if (FileIdentity.Of(weights) is { } file && read.Contains(file))
                throw new CaliperException($"The weights of '{path}' in '{weights}' are also an input; choose another name.");
        }
    }

    private static string TargetOf(string path)
    {
        try
        {
            return ReplacedFile.TargetOf(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CaliperException($"The output '{path}' cannot be written: {error.Message}", error);
        }
    }

    private static void TryWriting(string path, string target)
    {
        var folder = System.IO.Path.GetDirectoryName(target)!;
        if (!Directory.Exists(folder))
            throw new CaliperException($"The output '{path}' cannot be written: there is no folder '{folder}'.");
        try
        {
            new ReplacedFile(target).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CaliperException($"The output '{path}' cannot be written: {error.Message}", error);
        }
    }
}
