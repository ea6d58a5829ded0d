using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Benchmarks.Layers;

/// <summary>The same layer in ONNX Runtime and float32, on one thread, its tensors in place.</summary>
internal sealed class FloatRun : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();

    public FloatRun(NetworkLayer layer)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        _session = new InferenceSession(OnnxFile.ToBytes(ModelOf(layer)), options);
        long[] shape = [1, layer.Inputs, InputSize(layer), InputSize(layer)];
        var input = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, shape);
        var random = new Random(1);
        foreach (ref var value in input.GetTensorMutableDataAsSpan<float>()) value = random.NextSingle();
        _binding = _session.CreateIoBinding();
        _binding.BindInput("x", input);
        _binding.BindOutputToDevice("y", OrtMemoryInfo.DefaultInstance);
    }

    public void Run() => _session.RunWithBinding(_options, _binding);

    public void Dispose()
    {
        _binding.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    private static int InputSize(NetworkLayer layer) => layer.Size * layer.Stride;

    private static Model ModelOf(NetworkLayer layer)
    {
        var random = new Random(2);
        var weights = Tensor.Of(Shape.Of(layer.Outputs, layer.IsDepthwise ? 1 : layer.Inputs, layer.Kernel, layer.Kernel),
            Enumerable.Range(0, layer.Outputs * (layer.IsDepthwise ? 1 : layer.Inputs) * layer.Kernel * layer.Kernel)
                .Select(_ => random.NextSingle() - 0.5f).ToArray());
        long pad = layer.Kernel / 2;
        var conv = new Node("conv", "Conv", ["x", "w", "b"], ["y"]).With("strides", layer.Stride, layer.Stride)
            .With("pads", pad, pad, pad, pad).With("group", layer.IsDepthwise ? layer.Inputs : 1);
        var constants = ImmutableSortedDictionary.Create<string, Tensor>(StringComparer.Ordinal)
            .Add("w", weights).Add("b", Tensor.Vector(new float[layer.Outputs]));
        var graph = new Graph("layer", [new Value("x", ElementType.Float32, Shape.Of(1, layer.Inputs, InputSize(layer), InputSize(layer)))],
            [new Value("y", ElementType.Float32, null)], [conv], constants);
        return new Model(graph, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add("", 13)) { IrVersion = 7 };
    }
}
