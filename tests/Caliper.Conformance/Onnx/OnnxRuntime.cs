using Caliper.Execution;
using Caliper.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Conformance.Onnx;

/// <summary>Runs a model in ONNX Runtime, the reference for what an ONNX file means.</summary>
internal static class OnnxRuntime
{
    /// <summary>Feeds tensors and returns every output, or those asked for.</summary>
    public static Dictionary<string, Tensor> Run(
        byte[] model, IReadOnlyDictionary<string, Tensor> inputs, bool optimize = true, bool signedInIntegers = false)
    {
        using var options = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            IntraOpNumThreads = 1,
            GraphOptimizationLevel = optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
        };
        // On x64 it computes QDQ networks of int8 activations in float unless it is told not to.
        if (signedInIntegers) options.AddSessionConfigEntry("session.qdqisint8allowed", "1");
        using var session = OnnxRuntimeBackend.Open(model, options);
        using var run = new RunOptions();
        var feeds = inputs.ToDictionary(i => i.Key, i => ToOrt(i.Value));
        try
        {
            using var results = session.Run(run, feeds, session.OutputNames);
            return session.OutputNames.Zip(results, (name, value) => (name, Tensor: FromOrt(value)))
                .ToDictionary(r => r.name, r => r.Tensor);
        }
        finally
        {
            foreach (var feed in feeds.Values) feed.Dispose();
        }
    }

    private static OrtValue ToOrt(Tensor tensor)
    {
        var value = OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, (TensorElementType)tensor.Type, tensor.Shape.ToArray());
        tensor.Bytes.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static Tensor FromOrt(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var (type, shape) = ((ElementType)info.ElementDataType, Shape.Of(info.Shape));
        return new Tensor(type, shape, value.GetTensorMutableRawData().ToArray());
    }
}
