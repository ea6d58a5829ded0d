using Caliper.Graphs;
using Caliper.Kernels;
using Caliper.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Caliper.Execution;

/// <summary>ONNX Runtime on the CPU: a well-kept engine for every ONNX operator.</summary>
public sealed class OnnxRuntimeBackend : IExecutionBackend
{
    private static readonly Lazy<OrtEnv> Environment = new(CreateSilentEnvironment);

    private const string ExactProducts = "session.x64quantprecision";

    // Its arena doubles whenever it is too small, and what is planned ahead lies in it beside that: a network whose tensors are 3 GB together took
    // 6 GB for a run, without both 2.8 GB and as long.
    private const double MostOfArena = 1L << 29;

    private OnnxRuntimeBackend() { }

    /// <summary>The only one there is.</summary>
    public static OnnxRuntimeBackend Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "ONNX Runtime " + Environment.Value.GetVersionString();

    /// <inheritdoc/>
    public IExecutionSession Load(Model model, ExecutionOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        _ = Environment.Value;
        var keepsMemory = !options.ReturnsMemory && model.Graph.Nodes.SelectMany(n => n.Outputs).Sum(model.Graph.BytesOf) < MostOfArena;
        using var sessionOptions = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = options.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            EnableCpuMemArena = keepsMemory,
            EnableMemoryPattern = keepsMemory,
        };
        sessionOptions.AddSessionConfigEntry("session.intra_op.allow_spinning", options.BusyWaiting ? "1" : "0");
        // It takes a Pad of zeros before a MaxPool for padding that does not count: findings/onnxruntime-pad-before-pool.sh.
        if (model.Graph.Nodes.Any(n => n.Is("Pad") && model.Graph.ConsumersOf(n.Output).Any(r => r.Is("MaxPool") || r.Is("AveragePool"))))
            sessionOptions.AddSessionConfigEntry("optimization.disable_specified_optimizers", "Pad_Fusion");
        try
        {
            var session = Open(OnnxFile.ToBytes(OnnxRuntimeVersion.Fit(model)), sessionOptions);
            return new OnnxRuntimeSession(session, model.Graph, trimsHeap: !options.RunsOnce);
        }
        catch (OnnxRuntimeException error)
        {
            throw new CaliperException($"ONNX Runtime cannot load the graph '{model.Graph.Name}': {FirstSentence(error)}", error);
        }
    }

    /// <summary>Without VNNI it adds two products of bytes in 16 bits, where they saturate, unless it is told not to. Then it does not load networks
    /// of signed activations, whose products it adds exactly anyway.</summary>
    internal static InferenceSession Open(byte[] bytes, SessionOptions options)
    {
        if (Machine.WithoutVnni() is null) return new InferenceSession(bytes, options);
        options.AddSessionConfigEntry(ExactProducts, "1");
        try
        {
            return new InferenceSession(bytes, options);
        }
        catch (OnnxRuntimeException)
        {
            options.AddSessionConfigEntry(ExactProducts, "0");
            return new InferenceSession(bytes, options);
        }
    }

    internal static string FirstSentence(OnnxRuntimeException error) => error.Message.Split('\n')[0].Trim();

    private static OrtEnv CreateSilentEnvironment()
    {
        // The native log writes to stderr from inside a library; what matters arrives as an exception anyway.
        var options = new EnvironmentCreationOptions { logId = "caliper", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        try
        {
            return OrtEnv.CreateInstanceWithOptions(ref options);
        }
        catch (OnnxRuntimeException) when (OrtEnv.IsCreated)
        {
            return OrtEnv.Instance(); // the application made one first, with a log of its own choosing
        }
    }
}
