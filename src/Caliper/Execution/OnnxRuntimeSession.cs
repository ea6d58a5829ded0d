using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Caliper.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Execution;

/// <summary>Feeds ONNX Runtime from managed memory without copying, and lends its outputs out likewise.</summary>
internal sealed class OnnxRuntimeSession(InferenceSession session, Graph graph, bool trimsHeap) : IExecutionSession
{
    private readonly string[] _inputNames = [.. graph.Inputs.Select(i => i.Name)];
    private readonly string[] _outputNames = [.. graph.Outputs.Select(o => o.Name)];
    private readonly Lifetime _life = new($"The model '{graph.Name}'");

    public IExecutionResult Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        cancellationToken.ThrowIfCancellationRequested();
        // Native code does not notice that its session is gone.
        _life.Enter();
        var pins = new List<MemoryHandle>(_inputNames.Length);
        var values = new List<OrtValue>(_inputNames.Length);
        try
        {
            foreach (var name in _inputNames) values.Add(Wrap(Batches.Fed(inputs, name), pins));
            using var runOptions = new RunOptions();
            using var registration = cancellationToken.Register(() => runOptions.Terminate = true);
            return new Result(_outputNames, session.Run(runOptions, _inputNames, values, _outputNames));
        }
        catch (OnnxRuntimeException error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new CaliperException($"ONNX Runtime cannot run the graph '{graph.Name}': "
                + OnnxRuntimeBackend.FirstSentence(error), error);
        }
        finally
        {
            foreach (var value in values) value.Dispose();
            foreach (var pin in pins) pin.Dispose();
            _life.Leave();
        }
    }

    public void Dispose()
    {
        if (!_life.End()) return;
        session.Dispose();
        if (trimsHeap) NativeHeap.Trim();
    }

    private static unsafe OrtValue Wrap(Tensor tensor, List<MemoryHandle> pins)
    {
        var pin = tensor.Bytes.Pin();
        pins.Add(pin);
        // The numbers of ElementType are ONNX's, and so are those of TensorElementType.
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)(int)tensor.Type,
            tensor.Shape.ToArray(), (nint)pin.Pointer, tensor.Bytes.Length);
    }

    private sealed class Result : IExecutionResult
    {
        private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
        private readonly IDisposableReadOnlyCollection<OrtValue> _values;

        public Result(string[] names, IDisposableReadOnlyCollection<OrtValue> values)
        {
            _values = values;
            var index = 0;
            foreach (var value in values)
            {
                var info = value.GetTensorTypeAndShape();
                _tensors[names[index++]] = new Tensor((ElementType)(int)info.ElementDataType, Shape.Of(info.Shape),
                    info.ElementCount == 0 ? default : new NativeMemory(value).Memory);
            }
        }

        public Tensor this[string output] => Batches.Made(_tensors, output);

        public void Dispose() => _values.Dispose();
    }

    /// <summary>A view of an output's memory; it does not own it.</summary>
    private sealed unsafe class NativeMemory : MemoryManager<byte>
    {
        private readonly byte* _start;
        private readonly int _length;

        public NativeMemory(OrtValue value)
        {
            var bytes = value.GetTensorMutableRawData();
            _start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
            _length = bytes.Length;
        }

        public override Span<byte> GetSpan() => new(_start, _length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }
    }
}
