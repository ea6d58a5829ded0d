using System.Collections.Immutable;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Preparation;

namespace Caliper;

/// <summary>
/// A float network with observers on the tensors that will be int8. It is a model like any other: calling it runs
/// inference. <b>Every call also lets the observers see the activations and refine their scale and zero point</b>, as a
/// batch norm in training refines its running statistics. That is all there is to calibration.
/// </summary>
public sealed class PreparedModel : IModel, IDisposable
{
    private readonly ObservedNetwork _network;
    private readonly Lazy<ObservedNetwork> _simulated;
    private readonly Dictionary<string, Tensor> _calibration = new(StringComparer.Ordinal);
    private readonly Dictionary<ObservationSite, QuantizationParameters?> _roundings = [];
    private readonly Lock _observing = new();

    internal PreparedModel(FusedModel fused, QConfigMapping mapping, bool simulate)
    {
        (Fused, Mapping, Plan) = (fused, mapping, Planner.Plan(fused, mapping));
        var plan = Plan;
        Observers = [.. plan.Sites.Select(site => new ActivationObserver(site, site.Spec.Create()))];
        WeightParameters = plan.Weights.ToImmutableDictionary(site => (site.Initializer, site.Layer.Name), ParametersOf);
        _network = NetworkOf(fused.Model);
        _simulated = new(() => NetworkOf(SimulatedGraph.Of(this)));
        if (simulate) EnableFakeQuant();
    }

    /// <summary>The network that is observed.</summary>
    public FusedModel Fused { get; }

    /// <summary>Which observers were asked for, where.</summary>
    public QConfigMapping Mapping { get; }

    /// <summary>What becomes int8, what stays float and why.</summary>
    public QuantizationPlan Plan { get; }

    /// <summary>Whether outputs are those of the simulated int8 model instead of the float model's.</summary>
    public bool IsSimulating { get; private set; }

    /// <summary>Whether calls let the observers refine their statistics.</summary>
    public bool IsObserving { get; private set; } = true;

    /// <summary>The observers on activations, in execution order.</summary>
    public ImmutableArray<ActivationObserver> Observers { get; }

    /// <summary>Samples of a batch that are run together, because the network insists on it.</summary>
    internal int PieceSize(Batch batch) => Math.Max(1, _network.PieceSize(batch.Inputs, batch.Count));

    /// <inheritdoc/>
    public IReadOnlyList<Value> Inputs => Fused.Inputs;

    /// <inheritdoc/>
    public IReadOnlyList<Value> Outputs => Fused.Outputs;

    /// <summary>Scales and zero points of the constants that become int8, by initializer and layer.</summary>
    internal ImmutableDictionary<(string Initializer, string Layer), QuantizationParameters> WeightParameters { get; }

    /// <summary>
    /// Runs inference and, as a side effect, lets every observer see its activations and refine its statistics.
    /// </summary>
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default) => Run(inputs, null, null, cancellationToken);

    /// <summary>Runs inference, and lets somebody else see what the observers see.</summary>
    /// <param name="inputs">One tensor an input.</param>
    /// <param name="count">How many samples they are, where somebody knows.</param>
    /// <param name="alsoLook">Who else looks.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    internal IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs, int? count, Action<ObservedPass>? alsoLook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var outputs = Outputs.ToDictionary(o => o.Name, _ => new List<Tensor>(), StringComparer.Ordinal);
        // One call at a time: what an observer keeps depends on no two calls writing it at once.
        lock (_observing)
        {
            (IsSimulating ? _simulated.Value : _network).Run(inputs, IsSimulating ? _calibration : null, count, pass =>
            {
                if (IsObserving) Observe(pass);
                alsoLook?.Invoke(pass);
                foreach (var (name, pieces) in outputs)
                    if (pass[name] is { } made) pieces.Add(Simulated(name, Batches.Copy(made)));
            }, IsAnyCutTheSame, cancellationToken);
            if (IsSimulating) Refine();
        }
        return outputs.ToDictionary(p => p.Key, p => Batches.Join(p.Key, p.Value), StringComparer.Ordinal);
    }

    /// <summary>Freezes the observers: from now on calls are inference and nothing else, so that judging on test data does not go on
    /// calibrating, and the same input gives the same output every time. PyTorch's <c>disable_observer</c>.</summary>
    public void DisableObserver()
    {
        lock (_observing) IsObserving = false;
    }

    /// <summary>Lets the observers see activations again. PyTorch's <c>enable_observer</c>.</summary>
    public void EnableObserver()
    {
        lock (_observing) IsObserving = true;
    }

    /// <summary>Ends the simulation of int8: outputs are the float model's. PyTorch's <c>disable_fake_quant</c>.</summary>
    public void DisableFakeQuant()
    {
        lock (_observing) IsSimulating = false;
    }

    /// <summary>Simulates int8 with what the observers propose, as <see cref="Quantization.Prepare"/> does where it is told to. PyTorch's
    /// <c>enable_fake_quant</c>.</summary>
    public void EnableFakeQuant()
    {
        lock (_observing)
        {
            IsSimulating = true;
            Refine();
        }
    }

    /// <summary>
    /// Gives every observer what calibration saw, in place of forward passes: the same scales and zero points, without any
    /// data. As PyTorch's <c>load_observer_state_dict</c>, but for every observer whose result does not depend on order.
    /// </summary>
    /// <param name="statistics">What was observed of this model.</param>
    /// <param name="trace">The ranges batch by batch, which moving averages need; null where there are none.</param>
    /// <exception cref="CaliperException">The statistics are of another model, or an observer needs what they do not hold.</exception>
    public void Load(CalibrationStatistics statistics, CalibrationTrace? trace = null)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        if (!statistics.Fingerprint.AsSpan().SequenceEqual(Fused.Fingerprint))
            throw new CaliperException("The calibration statistics are of another model; calibrate this one.");
        lock (_observing)
        {
            foreach (var observer in Observers) ObserverLoading.Load(observer, statistics, trace);
            if (IsSimulating) Refine();
        }
    }

    /// <summary>Frees what running the model took until it is run again.</summary>
    internal void Rest()
    {
        lock (_observing)
        {
            _network.Rest();
            if (_simulated.IsValueCreated) _simulated.Value.Rest();
        }
    }

    /// <summary>Frees what running the model took.</summary>
    public void Dispose()
    {
        _network.Dispose();
        if (_simulated.IsValueCreated) _simulated.Value.Dispose();
    }

    /// <summary>
    /// The layers as PyTorch prints modules, and under each its observers with what they have seen so far.
    /// </summary>
    public override string ToString() => Reporting.PreparedModelPrinter.Print(this);

    private ObservedNetwork NetworkOf(Model model) => new(model, Plan.Sites.SelectMany(s => s.Observed), Fused.Execution);

    /// <summary>Whether what the observers keep does not depend on which samples they see together.</summary>
    private bool IsAnyCutTheSame => !IsSimulating && Observers.All(o => o.Observer is StatisticsObserver);

    private void Observe(ObservedPass pass) => Threads.Each(Observers.Length, Fused.Execution.Threads, index =>
    {
        var (site, observer) = Observers[index];
        foreach (var name in site.Observed)
            if (pass[name] is { } seen) observer.Observe(seen, pass.Samples);
    });

    /// <summary>An output that the int8 model would round, rounded, with what the graph just ran with.</summary>
    private Tensor Simulated(string output, Tensor floats) =>
        IsSimulating && Plan.SiteOf(output) is { } site && _roundings.GetValueOrDefault(site) is { } parameters
            ? Quantizer.Dequantize(Quantizer.Quantize(floats, parameters), parameters) : floats;

    private QuantizationParameters ParametersOf(WeightSite site)
    {
        FiniteConstant.Check(Fused.Model.Graph, site.Initializer, site.Layer.Name);
        var observer = site.Spec.Create();
        observer.Observe(Fused.Model.Graph.Constant(site.Initializer)!);
        return ParametersOf(site.Layer.Name, observer);
    }

    /// <summary>What an observer proposes; where it cannot, the error names its place.</summary>
    internal static QuantizationParameters ParametersOf(string place, Observer observer)
    {
        try
        {
            return observer.CalculateQParams();
        }
        catch (CaliperException error)
        {
            throw new CaliperException($"'{place}': {error.Message}", error);
        }
    }

    /// <summary>Brings the scales and zero points that the simulating graph reads up to what the observers propose now.</summary>
    private void Refine()
    {
        foreach (var (site, observer) in Observers)
        {
            _roundings[site] = observer.HasObserved ? ParametersOf(site.Name, observer) : null;
            new SwitchedRounding(site.Id).Set(_calibration, observer.Type, _roundings[site]);
        }
    }
}
