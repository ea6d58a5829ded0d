using Caliper.Graphs;
using Caliper.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Caliper.Conformance.Torch;

/// <summary>Runs a model as any user of its ONNX file would: from its bytes, by ONNX Runtime.</summary>
internal static class ModelRunning
{
    /// <summary>The only output for the only input.</summary>
    public static Tensor Run(this FloatModel model, Tensor input)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, IntraOpNumThreads = 2 };
        using var session = new InferenceSession(OnnxFile.ToBytes(model.Model), options);
        using var fed = OrtValue.CreateTensorValueFromMemory(input.Span<float>().ToArray(), input.Shape.ToArray());
        using var run = new RunOptions();
        using var outputs = session.Run(run, [model.Model.Graph.Inputs.Single().Name], [fed], session.OutputNames);
        return Tensor.Of(Shape.Of(outputs[0].GetTensorTypeAndShape().Shape), outputs[0].GetTensorDataAsSpan<float>().ToArray());
    }

    public static float LargestDifference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = 0f;
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(float.IsFinite(actual[i]), $"element {i} is {actual[i]}");
            largest = Math.Max(largest, Math.Abs(expected[i] - actual[i]));
        }
        return largest;
    }
}
