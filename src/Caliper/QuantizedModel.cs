using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Upgrades;

namespace Caliper;

/// <summary>An int8 network: weights are int8, and operators compute in integers wherever they have an integer form.</summary>
public sealed class QuantizedModel : IModel, IDisposable
{
    /// <summary>The ONNX operator set that int8 networks need at least: per-channel scales came with 13.</summary>
    public const long MinimumOpset = 13;

    /// <summary>The ONNX operator set that activations of 16 bits need.</summary>
    internal const long WideOpset = 21;

    private readonly ModelRunner _runner;

    /// <summary>Wraps an int8 network that is already in memory.</summary>
    /// <param name="model">The network.</param>
    /// <param name="diagnostics">What stayed float and why.</param>
    /// <param name="options">How it is run.</param>
    public QuantizedModel(Model model, ImmutableArray<Diagnostic> diagnostics, ExecutionOptions? options = null)
    {
        model = BranchFlattening.Apply(model);
        (Model, Diagnostics) = (model, diagnostics);
        Execution = options ?? new ExecutionOptions();
        _runner = new ModelRunner(model, Execution with { Backend = Execution.Int8Backend });
    }

    /// <summary>The network.</summary>
    public Model Model { get; }

    /// <summary>What stayed float and why, and what else conversion had to say.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Value> Inputs => _runner.Inputs;

    /// <inheritdoc/>
    public IReadOnlyList<Value> Outputs => _runner.Outputs;

    internal ExecutionOptions Execution { get; }

    /// <summary>Reads an int8 ONNX file, in QDQ or QOperator form, whoever wrote it.</summary>
    /// <exception cref="CaliperException">The file is missing, damaged, or of a version that is not supported.</exception>
    public static QuantizedModel Load(string path, ExecutionOptions? options = null) => new(OnnxFile.Read(path), [], options);

    /// <summary>Reads an int8 ONNX file from a stream, to its end; its weights are in it.</summary>
    /// <inheritdoc cref="Load(string, ExecutionOptions?)"/>
    public static QuantizedModel Load(Stream stream, ExecutionOptions? options = null) => new(OnnxFile.Read(stream, "the model"), [], options);

    /// <summary>Reads an int8 ONNX file that is in memory; its weights are in it.</summary>
    /// <inheritdoc cref="Load(string, ExecutionOptions?)"/>
    public static QuantizedModel Load(ReadOnlySpan<byte> bytes, ExecutionOptions? options = null) => new(OnnxFile.Read(bytes), [], options);

    /// <summary>Writes the network as an ONNX file; the same model gives the same bytes.</summary>
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

    /// <summary>The operations, printed as PyTorch prints modules, each with the scale and zero point of its result.</summary>
    public override string ToString() => Reporting.QuantizedModelPrinter.Print(Model.Graph);
}
