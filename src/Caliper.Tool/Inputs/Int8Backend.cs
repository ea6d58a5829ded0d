using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Kernels;
using Caliper.Tool.Options;

namespace Caliper.Tool.Inputs;

/// <summary>Chooses who runs a model.</summary>
internal static class Int8Backend
{
    /// <summary>The backend for a model, and what is to be said about the choice.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="data">What it will be fed; null where nobody knows.</param>
    /// <exception cref="CaliperException">The engine was asked for and cannot run the model.</exception>
    public static (IExecutionBackend Backend, Diagnostic[] Diagnostics) For(Model model, EngineOptions options, ILoader? data) =>
        For(model, options, () => data is null ? null : Samples.First(model, data.First()));

    /// <inheritdoc cref="For(Model, EngineOptions, ILoader?)"/>
    /// <param name="model">The model.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="sample">What it will be fed, for models of which only that tells; null where nobody knows.</param>
    public static (IExecutionBackend Backend, Diagnostic[] Diagnostics) For(
        Model model, EngineOptions options, Func<IReadOnlyDictionary<string, Tensor>?> sample)
    {
        if (!model.IsQuantized()) return (OnnxRuntimeBackend.Instance, []);
        if (options.Backend is EngineSymbols.OnnxRuntime) return (OnnxRuntimeBackend.Instance, SaturatingPairs());
        var engine = new CaliperBackend(assembledCode: options.AssembledCode);
        if (CaliperBackend.WhyNot(model, FreeAxes.ShowsAtRun(model.Graph) ? sample() : null) is not { } obstacle) return (engine, []);
        if (options.Backend is EngineSymbols.Caliper) throw new CaliperException(obstacle.Message);
        return (OnnxRuntimeBackend.Instance, [obstacle, .. SaturatingPairs()]);
    }

    /// <summary>What is to be said of results that only such processors have.</summary>
    private static Diagnostic[] SaturatingPairs() => Machine.WithoutVnni() is null ? [] : [new Diagnostic("saturating-pairs", "processor",
        "It has no VNNI: ONNX Runtime adds two products in 16 bits there, where they saturate, unless session.x64quantprecision is 1, as here.",
        "Set it wherever it runs such files on such processors; Caliper's engine has no such sums.")];
}
