using Caliper.Graphs;

namespace Caliper.Execution;

/// <summary>Caliper's own int8 engine: managed code that runs int8 networks and nothing else.</summary>
public sealed class CaliperBackend : IExecutionBackend
{
    // A length that is only tried may be far beyond what the network ever takes.
    private const long MostOfTrial = 1L << 30;

    /// <summary>Chooses the kernels.</summary>
    /// <param name="kernels">Which kernels to compute with; all give the same bits.</param>
    /// <param name="assembledCode">Whether machine code may be assembled at run time.</param>
    public CaliperBackend(KernelSet kernels = KernelSet.Auto, bool assembledCode = true) =>
        (Kernels, AssembledCode) = (kernels, assembledCode);

    /// <summary>The fastest kernels of this machine.</summary>
    public static CaliperBackend Instance { get; } = new();

    /// <summary>Which kernels it computes with.</summary>
    public KernelSet Kernels { get; }

    /// <summary>Whether machine code may be assembled at run time.</summary>
    public bool AssembledCode { get; }

    /// <inheritdoc/>
    public string Name => "Caliper int8 engine";

    /// <inheritdoc/>
    public IExecutionSession Load(Model model, ExecutionOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var int8 = new Int8SessionOptions { Threads = options.Threads, Kernels = Kernels, AssembledCode = AssembledCode };
        var session = new CaliperSession(HalfBorders.Without(model), int8, options.MostPlanBytes);
        return HalfBorders.Has(model) ? new HalfBorders(model, session) : session;
    }

    /// <summary>Why the engine cannot run a model, or null where it can.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">What it is to be run on, a tensor for each input, by name. Where lengths or branches show only at a run, nothing else can
    /// tell; without it, lengths are tried.</param>
    public static Diagnostic? WhyNot(Model model, IReadOnlyDictionary<string, Tensor>? inputs = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return inputs is null || !FreeAxes.ShowsAtRun(model.Graph) ? WhyNotTried(model) : WhyNotOn(model, inputs);
    }

    private static Diagnostic? WhyNotOn(Model model, IReadOnlyDictionary<string, Tensor> inputs)
    {
        try
        {
            using var runner = new ModelRunner(model, new ExecutionOptions { Backend = Instance, Threads = 1 });
            runner.Run(inputs, CancellationToken.None);
            return null;
        }
        catch (CaliperException error)
        {
            return Refusal(model, error.Message);
        }
    }

    private static Diagnostic? WhyNotTried(Model model)
    {
        var errors = new List<string>();
        foreach (var shapes in FreeAxes.Trials(model.Graph))
        {
            try
            {
                // The portable kernels are planned in no time.
                var options = new Int8SessionOptions { Kernels = KernelSet.Portable, InputShapes = shapes };
                if (!shapes.IsEmpty) options = options with { MostBytes = MostOfTrial };
                using var session = Int8Session.FromModel(HalfBorders.Without(model), options);
                return null;
            }
            catch (CaliperException error)
            {
                errors.Add(error.Message);
            }
        }
        // What only some lengths are too short for is not the reason.
        return errors.Count == 0 ? null : Refusal(model, errors.GroupBy(e => e, StringComparer.Ordinal).MaxBy(e => e.Count())!.Key);
    }

    private static Diagnostic Refusal(Model model, string reason) =>
        new("onnxruntime-backend", model.Graph.Name, reason, "ONNX Runtime runs the int8 model instead.");
}
