using Caliper.Execution;
using Caliper.Files;
using Caliper.Onnx;
using Caliper.Tool.Options;
using Caliper.Torch;

namespace Caliper.Tool.Inputs;

/// <summary>Loads the model that the command line names.</summary>
internal static class ModelFile
{
    private static readonly string[] CheckpointExtensions = [".pth", ".pt", ".th", ".ckpt", ".bin", ".safetensors", ".dat"];

    /// <summary>Loads an ONNX file, or a checkpoint whose architecture is given.</summary>
    /// <exception cref="CaliperException">The file cannot be used; the message says why.</exception>
    public static FloatModel Load(ModelOptions options)
    {
        var execution = new ExecutionOptions { Threads = options.Threads };
        if (Directory.Exists(options.Path)) throw new CaliperException($"'{options.Path}' is a folder, not a model.");
        if (IsOnnx(options.Path)) return FloatModel.Load(options.Path, execution);
        if (options.Architecture is { } architecture)
            return new FloatModel(TorchModel.Load(options.Path, architecture).Model, execution);
        if (CheckpointExtensions.Contains(Path.GetExtension(options.Path).ToLowerInvariant()))
        {
            throw new CaliperException($"'{options.Path}' holds weights only; name their network with --arch: "
                + $"{string.Join(", ", Architectures.Names)}.");
        }
        return FloatModel.Load(options.Path, execution);
    }

    /// <summary>Loads a model that is still to be quantized.</summary>
    /// <exception cref="CaliperException">The file cannot be used, or is quantized already.</exception>
    public static FloatModel LoadFloat(ModelOptions options)
    {
        var model = Load(options);
        if (!model.Model.IsQuantized()) return model;
        model.Dispose();
        throw new CaliperException($"'{options.Path}' is quantized already; give the float model it was made from.");
    }

    /// <summary>The same model on the backend that suits it, and what is to be said about the choice.</summary>
    /// <exception cref="CaliperException">The engine was asked for and cannot run the model.</exception>
    public static (FloatModel Model, IExecutionBackend Backend, Diagnostic[] Diagnostics) LoadFor(
        ModelOptions options, EngineOptions engine, DataOptions data)
    {
        var model = Load(options);
        var (backend, diagnostics) = Int8Backend.For(model.Model, engine, InputData.Open(data, data.Path, model));
        if (backend == OnnxRuntimeBackend.Instance) return (model, backend, diagnostics);
        model.Dispose();
        return (new FloatModel(model.Model, new ExecutionOptions { Threads = options.Threads, Backend = backend }), backend, diagnostics);
    }

    /// <summary>Whether a file is called an ONNX file.</summary>
    public static bool IsOnnx(string path) => Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase);

    /// <summary>Bytes that a model takes on disk, with the weights that lie in a file beside it.</summary>
    public static long SizeOf(string path)
    {
        // What links lead to: their own size is that of a name.
        var beside = (IsOnnx(path) ? ExternalDataFiles.Of(path) : []).Where(File.Exists)
            .Select(FileIdentity.WithoutLink).Distinct(StringComparer.Ordinal);
        return beside.Append(FileIdentity.WithoutLink(path)).Sum(file => new FileInfo(file).Length);
    }
}
