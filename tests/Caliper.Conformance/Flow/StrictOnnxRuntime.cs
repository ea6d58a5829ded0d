using Microsoft.ML.OnnxRuntime;

namespace Caliper.Conformance.Flow;

/// <summary>ONNX Runtime as picky as it can be made: every type and shape that a file states must be what it infers itself.</summary>
internal static class StrictOnnxRuntime
{
    public static void Load(string path)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        options.AddSessionConfigEntry("session.strict_shape_type_inference", "1");
        using var session = new InferenceSession(path, options);
    }
}
