using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Tool.Options;

namespace Caliper.Tool.Inputs;

/// <summary>Chooses who runs a model.</summary>
internal static class Int8Backend
{
    /// <summary>The backend for a model, and what is to be said about the choice.</summary>
    /// <exception cref="CaliperException">The engine was asked for and cannot run the model.</exception>
    public static (IExecutionBackend Backend, Diagnostic[] Diagnostics) For(Model model, EngineOptions options)
    {
        if (options.Backend is EngineSymbols.OnnxRuntime || !model.IsQuantized()) return (OnnxRuntimeBackend.Instance, []);
        var engine = new CaliperBackend(assembledCode: options.AssembledCode);
        if (CaliperBackend.WhyNot(model) is not { } obstacle) return (engine, []);
        if (options.Backend is EngineSymbols.Caliper) throw new CaliperException(obstacle.Message);
        return (OnnxRuntimeBackend.Instance, [obstacle]);
    }
}
