using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper;

/// <summary>A trained float network, as it was loaded.</summary>
public sealed class FloatModel : IModel, IDisposable
{
    private readonly ModelRunner _runner;

    /// <summary>Wraps a model that is already in memory.</summary>
    /// <param name="model">The network.</param>
    /// <param name="options">How it and the stages made of it are run.</param>
    public FloatModel(Model model, ExecutionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (Model, Execution) = (model, options ?? new ExecutionOptions());
        _runner = new ModelRunner(model, Execution);
    }

    /// <summary>The network.</summary>
    public Model Model { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Value> Inputs => _runner.Inputs;

    /// <inheritdoc/>
    public IReadOnlyList<Value> Outputs => _runner.Outputs;

    internal ExecutionOptions Execution { get; }

    /// <summary>Reads an ONNX file.</summary>
    /// <param name="path">The file; its external data, if any, lies beside it.</param>
    /// <param name="options">How the model is run.</param>
    /// <exception cref="CaliperException">The file is missing, damaged, or of a version that is not supported.</exception>
    public static FloatModel Load(string path, ExecutionOptions? options = null) => new(OnnxFile.Read(path), options);

    /// <summary>Reads an ONNX file from a stream, to its end; its weights are in it.</summary>
    /// <inheritdoc cref="Load(string, ExecutionOptions?)"/>
    public static FloatModel Load(Stream stream, ExecutionOptions? options = null) => new(OnnxFile.Read(stream, "the model"), options);

    /// <summary>Reads an ONNX file that is in memory; its weights are in it.</summary>
    /// <inheritdoc cref="Load(string, ExecutionOptions?)"/>
    public static FloatModel Load(ReadOnlySpan<byte> bytes, ExecutionOptions? options = null) => new(OnnxFile.Read(bytes), options);

    /// <summary>Writes the network as an ONNX file.</summary>
    /// <exception cref="CaliperException">The file cannot be written; nothing is left behind.</exception>
    public void Save(string path) => OnnxFile.Write(Model, path);

    /// <summary>Writes the network as an ONNX file into a stream.</summary>
    /// <exception cref="CaliperException">It is too large for one file.</exception>
    public void Save(Stream stream) => OnnxFile.Write(Model, stream);

    /// <summary>The network as an ONNX file.</summary>
    /// <exception cref="CaliperException">It is too large for one file.</exception>
    public byte[] ToBytes() => OnnxFile.ToBytes(Model);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default) =>
        _runner.Run(inputs, cancellationToken);

    /// <summary>Frees what running the model took.</summary>
    public void Dispose() => _runner.Dispose();
}
