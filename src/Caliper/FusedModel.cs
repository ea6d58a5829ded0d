using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Preparation;

namespace Caliper;

/// <summary>
/// A float network whose batch norms are folded into the convolutions and linear layers beside them, and whose activations
/// are joined to what produces them. It computes what the original computes, up to float32 rounding.
/// </summary>
public sealed class FusedModel : IModel, IDisposable
{
    private readonly ModelRunner _runner;
    private readonly Lazy<byte[]> _fingerprint;

    private FusedModel(Model model, Lazy<byte[]> fingerprint, ExecutionOptions options)
    {
        (Model, Execution, _fingerprint) = (model, options, fingerprint);
        Layers = LayerGrouping.Of(model.Graph);
        _runner = new ModelRunner(model, options);
    }

    /// <param name="model">The fused network.</param>
    /// <param name="source">The network it was made of.</param>
    /// <param name="options">How it is run.</param>
    internal FusedModel(Model model, Model source, ExecutionOptions options)
        : this(model, new Lazy<byte[]>(() => Calibration.ModelFingerprint.Of(source)), options)
    {
    }

    /// <summary>The network.</summary>
    public Model Model { get; }

    /// <summary>The network as the layers that quantization works on, in execution order.</summary>
    public ImmutableArray<Layer> Layers { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Value> Inputs => _runner.Inputs;

    /// <inheritdoc/>
    public IReadOnlyList<Value> Outputs => _runner.Outputs;

    internal ExecutionOptions Execution { get; }

    /// <summary>What the batch norms that were folded away told about values, by name; some of the values are gone too.</summary>
    internal ImmutableDictionary<string, ExpectedChannels> Expected { get; init; } = ImmutableDictionary<string, ExpectedChannels>.Empty;

    /// <summary>By what its channels were divided; see <see cref="Equalize"/>.</summary>
    public ChannelFactors Equalization { get; private init; } = ChannelFactors.None;

    /// <summary>Identifies the network that was loaded, and what its channels were divided by.</summary>
    internal byte[] Fingerprint => _fingerprint.Value;

    /// <summary>The same network with its channels divided by factors, that computes the same bits.</summary>
    internal FusedModel With(Graph graph, ChannelFactors factors) =>
        new(Model with { Graph = graph }, new Lazy<byte[]>(() => Calibration.ModelFingerprint.Of(Fingerprint, factors)), Execution)
        {
            Equalization = factors,
            Expected = Expected.ToImmutableDictionary(
                e => e.Key, e => factors.Exponents.TryGetValue(e.Key, out var exponents) ? e.Value.DividedBy(exponents) : e.Value,
                StringComparer.Ordinal),
        };

    /// <summary>
    /// Divides channels by the powers of two that a recipe holds and multiplies what reads them by the same, so that in int8 small channels use
    /// more of the 256 levels, and has products read the widest as several copies. The float network computes what it did, where channels are only
    /// divided to the bit; it must be calibrated anew, for its values are others.
    /// </summary>
    /// <param name="factors">The factors, as <see cref="Recipe.Equalization"/> has them; this model itself where there are none.</param>
    /// <exception cref="CaliperException">They are of another network; the message names the value.</exception>
    public FusedModel Equalize(ChannelFactors factors)
    {
        ArgumentNullException.ThrowIfNull(factors);
        return Recovery.Equalization.Apply(this, factors);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default) =>
        _runner.Run(inputs, cancellationToken);

    /// <summary>Frees what running the model took.</summary>
    public void Dispose() => _runner.Dispose();

    /// <summary>The layers, printed as PyTorch prints modules.</summary>
    public override string ToString() => Reporting.ModulePrinter.Print("FusedModel", Model.Graph, [], Layers, _ => []);
}
