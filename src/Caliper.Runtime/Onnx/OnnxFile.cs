using Caliper.Files;
using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Onnx;

/// <summary>
/// Reads and writes ONNX files: format versions 3 to 14, operator sets 7 to 28. What Caliper does not interpret (unknown
/// operators, attributes and domains, functions, training information) survives reading and writing. A model that was read
/// differs from its file in this: every node has a unique name, nodes are in topological order, and constants are
/// initializers: those that were listed as inputs too, and those that were the value of a <c>Constant</c> node.
/// </summary>
public static class OnnxFile
{
    /// <summary>Reads a model from a file. Weights in files beside it are read as well.</summary>
    /// <exception cref="CaliperException">The file is missing, damaged, or too old or too new; the message names it.</exception>
    public static Model Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0) throw new CaliperException("The path of the model's file is empty.");
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            LfsPointer.Refuse(stream, path);
            return Read(path, () => Parse(stream), new ExternalDataReader(FoldersOf(path)));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaliperException($"There is no file '{path}'.", e);
        }
        // Opening one is called a matter of access rights.
        catch (UnauthorizedAccessException e) when (Directory.Exists(path))
        {
            throw new CaliperException($"'{path}' is a folder; name a file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CaliperException($"The file '{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a model from a stream, to its end.</summary>
    /// <param name="stream">An ONNX file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="folder">Where files with further weights lie; null where there are none.</param>
    /// <exception cref="CaliperException">The model is damaged, or of a version out of range.</exception>
    public static Model Read(Stream stream, string name, string? folder = null) =>
        Read(name, () => ModelProto.Parser.ParseFrom(stream), ExternalDataReader.In(folder));

    /// <summary>Reads a model from memory.</summary>
    /// <param name="bytes">An ONNX file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="folder">Where files with further weights lie; null where there are none.</param>
    /// <exception cref="CaliperException">The model is damaged, or of a version out of range.</exception>
    public static Model Read(ReadOnlySpan<byte> bytes, string name = "model", string? folder = null)
    {
        LfsPointer.Refuse(bytes, name);
        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw NotOnnx(name, e);
        }
        return Read(name, () => proto, ExternalDataReader.In(folder));
    }

    /// <summary>The file of a model, as bytes: always the same for the same model.</summary>
    /// <exception cref="CaliperException">The model is too large for one file.</exception>
    public static byte[] ToBytes(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Whole(model).ToByteArray();
    }

    /// <summary>Writes a model into a stream: the bytes of <see cref="ToBytes"/>.</summary>
    /// <exception cref="CaliperException">The model is too large for one file.</exception>
    public static void Write(Model model, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(stream);
        Whole(model).WriteTo(stream);
    }

    /// <summary>
    /// Writes a model to a file, replacing what is there. A file appears whole or not at all: it is written under a
    /// temporary name, then moved; a second file with weights takes a name that is free, and one that the replaced model had is
    /// removed. The same model always gives the same bytes.
    /// </summary>
    /// <exception cref="CaliperException">The file cannot be written; the message names it.</exception>
    public static void Write(Model model, string path, OnnxWriteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(path);
        options ??= new OnnxWriteOptions();
        var external = options.ExternalData || WeightsInBytes(model) > options.LargestSingleFileInBytes;
        try
        {
            if (external) ModelReplacement.WritePair(model, path, options.SmallestExternalInBytes);
            else ModelReplacement.WriteWhole(model, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CaliperException($"The file '{path}' cannot be written: {e.Message}", e);
        }
    }

    private static ModelProto Whole(Model model) => WeightsInBytes(model) <= new OnnxWriteOptions().LargestSingleFileInBytes
        ? ModelWriter.Write(model, TensorWriter.Write)
        : throw new CaliperException("The model is too large for one ONNX file; write it to a path, so that a second file can hold weights.");

    private static long WeightsInBytes(Model model) => model.Graph.Initializers.Values.Sum(t => (long)t.Bytes.Length);

    /// <summary>Where weights may lie that a model names: beside it, and where it is a link, as caches of models are full of, beside what it
    /// leads to.</summary>
    internal static string[] FoldersOf(string path)
    {
        var folders = new[] { Path.GetFullPath(path), FileIdentity.WithoutLink(path) }.Select(p => Path.GetDirectoryName(p)!);
        return [.. folders.Distinct(StringComparer.Ordinal)];
    }

    private static Model Read(string name, Func<ModelProto> parse, ExternalDataReader data)
    {
        try
        {
            return ModelReader.Read(parse(), data);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw NotOnnx(name, e);
        }
        catch (CaliperException e)
        {
            throw new CaliperException($"'{name}': {e.Message}", e);
        }
    }

    private static ModelProto Parse(FileStream stream)
    {
        if (!stream.CanSeek) return ModelProto.Parser.ParseFrom(stream);
        using var content = new FileContent(stream);
        return ModelProto.Parser.ParseFrom(content.Span);
    }

    private static CaliperException NotOnnx(string name, Exception cause) =>
        new($"'{name}' is not an ONNX file, or is cut short or damaged.", cause);
}
