using Caliper.Files;
using Caliper.Torch.Files;

namespace Caliper.Torch;

/// <summary>
/// Reads and writes files of weights without Python. Nothing in a file is ever executed: a checkpoint that asks for more than
/// tensors in plain containers is refused.
/// </summary>
public static class Checkpoint
{
    private const int LongestMagic = 16;

    /// <summary>
    /// Reads the weights of a file. The form is told from the content: PyTorch's <c>.pth</c> (also <c>.pt</c>, <c>.th</c>)
    /// since version 1.6 or before, safetensors, or TorchSharp's <c>.dat</c>. Weights wrapped in a training checkpoint are
    /// found under <c>state_dict</c>, <c>model_state_dict</c>, <c>model</c>, <c>net</c> or <c>network</c>, and the prefix
    /// <c>module.</c> of parallel training is removed.
    /// </summary>
    /// <exception cref="CaliperException">The file is missing, damaged, hostile, of another form, or empty.</exception>
    public static StateDict Load(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Load(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CaliperException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>
    /// Writes weights to a file, whose extension decides the form: <c>.pth</c>, <c>.pt</c> or <c>.th</c> for what
    /// <c>torch.load</c> reads, or <c>.safetensors</c>. The same weights always give the same bytes. The file appears only
    /// when it is complete.
    /// </summary>
    /// <exception cref="CaliperException">The extension is none of these, a tensor is of a type that the form does not have, or
    /// the file cannot be written.</exception>
    public static void Save(StateDict tensors, string path)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(path);
        var write = WriterOf(path);
        try
        {
            using var file = new ReplacedFile(path);
            write(tensors, file.Stream);
            file.Commit();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CaliperException($"'{path}' cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Writes weights into a stream.</summary>
    /// <param name="tensors">The weights.</param>
    /// <param name="stream">Where they go.</param>
    /// <param name="name">A name whose extension decides the form, as <see cref="Save(StateDict, string)"/> has it.</param>
    /// <exception cref="CaliperException">The extension is none of these, or a tensor is of a type that the form does not have.</exception>
    public static void Save(StateDict tensors, Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        WriterOf(name)(tensors, stream);
    }

    /// <summary>Reads weights from a stream, such as an embedded resource; otherwise as <see cref="Load(string)"/>.</summary>
    /// <param name="stream">A file's content from its beginning; it must be seekable.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="CaliperException">The content is damaged, hostile, of an unknown form, or holds no weights.</exception>
    public static StateDict Load(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var tensors = Read(stream, name);
        return tensors.Count > 0 ? tensors : throw new CaliperException($"'{name}' holds no tensors.");
    }

    private static Action<StateDict, Stream> WriterOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".pth" or ".pt" or ".th" => ZipCheckpointWriter.Write,
        ".safetensors" => Safetensors.Write,
        _ => throw new CaliperException($"'{path}' has no extension of a checkpoint: use .pth or .safetensors."),
    };

    private static StateDict Read(Stream stream, string path)
    {
        LfsPointer.Refuse(stream, path);
        Span<byte> start = stackalloc byte[LongestMagic];
        start = start[..stream.ReadAtLeast(start, LongestMagic, throwOnEndOfStream: false)];
        stream.Position = 0;
        if (start.StartsWith("PK\u0003\u0004"u8)) return ZipCheckpoint.Read(stream, path);
        if (start.StartsWith(LegacyCheckpoint.Magic)) return LegacyCheckpoint.Read(stream, path);
        if (Safetensors.Begins(start, stream.Length)) return Safetensors.Read(stream, path);
        return TorchSharpWeights.Read(stream, path);
    }
}
