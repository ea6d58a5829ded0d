using System.Collections.Immutable;
using Caliper.Engine.Importing;
using Caliper.Engine.Planning;
using Caliper.Engine.Running;
using Caliper.Engine.Stages;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels;
using Caliper.Onnx;

namespace Caliper;

/// <summary>
/// Runs an int8 network with managed code: any ONNX model in QDQ or QOperator form. Everything is planned when it is loaded;
/// a run then allocates nothing. Safe to call from several threads at once: they share the plan, and each run has memory of its
/// own.
/// </summary>
public sealed unsafe class Int8Session : IDisposable
{
    // About what the objects of a step take.
    private const int BytesOfStep = 1024;

    private readonly EnginePlan _plan;
    private readonly StagedNetwork? _staged;
    private readonly WorkerPool? _pool;
    private readonly Stack<RunContext> _idle = new();
    private readonly Lock _lock = new();
    private readonly bool _ownsPool;
    private readonly int _threads;
    private readonly Lifetime _life = new(nameof(Int8Session));

    private Int8Session(EnginePlan plan, int threads, KernelResources resources, ImmutableArray<Value> inputs, ImmutableArray<Value> outputs)
    {
        (_plan, _threads, Inputs, Outputs) = (plan, threads, inputs, outputs);
        _ownsPool = threads > 1 && !resources.HasModel;
        if (threads > 1) _pool = _ownsPool ? new WorkerPool(threads) : resources.Model.Shared(() => new ModelWorkers(threads)).Pool;
        _idle.Push(new RunContext(plan, threads));
    }

    /// <summary>A network that no one plan holds: its parts are sessions.</summary>
    private Int8Session(StagedNetwork staged, int threads, ImmutableArray<Value> inputs) =>
        (_plan, _staged, _threads, Inputs, Outputs) = (null!, staged, threads, inputs, staged.Outputs);

    /// <summary>Ends the threads of a session that nobody disposed: they would keep themselves and its memory alive. No run is under way,
    /// since one holds on to its session to the end.</summary>
    ~Int8Session()
    {
        if (_ownsPool) _pool!.End();
    }

    /// <summary>What a run is fed, shapes fixed: Float32, UInt8, Int8, Int64, Int32 or Boolean.</summary>
    public ImmutableArray<Value> Inputs { get; }

    /// <summary>What a run gives: Float32, UInt8, Int8, Int64, Int32 or Boolean. Shapes are fixed, but for axes that depend on the numbers fed, as
    /// how many boxes NonMaxSuppression leaves: those are free.</summary>
    public ImmutableArray<Value> Outputs { get; }

    /// <summary>What was changed of the model to run it, such as weights too small to count; mostly nothing.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; private init; } = [];

    /// <summary>Threads within one run.</summary>
    public int Threads => _threads;

    /// <summary>About what the plan takes, not what all plans of the model have together.</summary>
    internal long OwnBytes => _staged?.Bytes ?? _plan.OwnBytes + BytesOfStep * _plan.Steps.Length
        + (_plan.Working is null ? _plan.Memory.Arena : 0);

    /// <summary>What a run may give, every shape being numbers.</summary>
    internal Value[] TrialOutputs => _staged?.TrialOutputs ?? [.. Outputs];

    /// <summary>The threads; null where there is only the caller's.</summary>
    internal WorkerPool? Pool => _pool;

    /// <summary>Reads an int8 ONNX file, whoever wrote it, and plans it.</summary>
    /// <exception cref="CaliperException">The file cannot be read, or holds what the engine cannot run; the message names it.</exception>
    public static Int8Session Load(string path, Int8SessionOptions? options = null) => FromModel(OnnxFile.Read(path), options);

    /// <summary>Reads an int8 ONNX file from a stream, such as an embedded resource, to its end.</summary>
    /// <inheritdoc cref="Load(string, Int8SessionOptions?)"/>
    public static Int8Session Load(Stream stream, Int8SessionOptions? options = null) => FromModel(OnnxFile.Read(stream, "the model"), options);

    /// <summary>Reads an int8 ONNX file that is in memory.</summary>
    /// <inheritdoc cref="Load(string, Int8SessionOptions?)"/>
    public static Int8Session Load(ReadOnlySpan<byte> bytes, Int8SessionOptions? options = null) => FromModel(OnnxFile.Read(bytes), options);

    /// <summary>Plans a model that is in memory.</summary>
    /// <exception cref="CaliperException">The model holds what the engine cannot run; the message names it.</exception>
    public static Int8Session FromModel(Model model, Int8SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new Int8SessionOptions();
        if (options.Batch < 1) throw new CaliperException($"A batch has at least 1 sample, not {options.Batch}.");
        if (options.Threads is < 0 or > Int8SessionOptions.MostThreads)
            throw new CaliperException($"A session has 0 to {Int8SessionOptions.MostThreads} threads, not {options.Threads}.");
        var prepared = ModelPreparation.Prepare(model, options);
        var threads = options.EffectiveThreads;
        EnginePlan? plan = null;
        try
        {
            if (prepared.Graph.Nodes.Any(Stage.IsJunction))
                return new Int8Session(StagedNetwork.Of(prepared, options), threads, prepared.Graph.Inputs);
            var resources = new KernelResources(options.Model);
            var graph = GraphImporter.Import(prepared.Graph, prepared.Opset, resources);
            plan = EnginePlan.Of(graph, options.EffectiveKernels, resources, options.Guard, options.MostBytes);
            var outputs = prepared.Graph.Outputs.Zip(plan.Outputs, (o, v) =>
                o with { Shape = Shape.Of([.. v.Shape.Select(l => (long)l)]), Type = TypeOf(o, v) });
            foreach (var (value, declared) in plan.Inputs.Concat(plan.Outputs).Zip(prepared.Graph.Inputs.Concat(outputs)))
                ExtentCheck.CheckExternal(value, declared);
            return new Int8Session(plan, threads, resources, prepared.Graph.Inputs, [.. outputs])
            {
                Diagnostics = [.. graph.Diagnostics],
            };
        }
        catch (Exception error) when (error is OverflowException or OutOfMemoryException)
        {
            plan?.Dispose();
            throw new CaliperException("The model's tensors are too large for the int8 engine.", error);
        }
    }

    /// <summary>Runs a network of one float input and one float output.</summary>
    /// <param name="input">All elements of the input, in ONNX order.</param>
    /// <param name="output">Receives all elements of the output.</param>
    /// <exception cref="ArgumentException">The network has other inputs or outputs, or a span has another length.</exception>
    public void Run(ReadOnlySpan<float> input, Span<float> output)
    {
        fixed (float* from = input) fixed (float* to = output)
            RunOne((byte*)from, input.Length, ElementType.Float32, (byte*)to, output.Length);
    }

    /// <summary>Runs a network of one 8-bit input and one float output.</summary>
    /// <param name="input">All elements of the input, in ONNX order; int8 as its two's complement.</param>
    /// <param name="output">Receives all elements of the output.</param>
    /// <exception cref="ArgumentException">The network has other inputs or outputs, or a span has another length.</exception>
    public void Run(ReadOnlySpan<byte> input, Span<float> output)
    {
        fixed (byte* from = input) fixed (float* to = output)
            RunOne(from, input.Length, ElementType.UInt8, (byte*)to, output.Length);
    }

    /// <summary>Runs a network of any inputs and outputs.</summary>
    /// <param name="inputs">A tensor for each input, by name, of exactly its type and shape.</param>
    /// <param name="outputs">A tensor for each output, by name, whose memory receives the result.</param>
    /// <exception cref="CaliperException">A tensor is missing, or of another type or shape; or an output has no fixed shape.</exception>
    public void Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Memory<byte>> outputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        if (_staged is null) RunBound(inputs, outputs);
        else TensorBinding.Copy(RunStaged(inputs), Outputs, outputs);
    }

    /// <summary>Runs a network of any inputs and returns its outputs in new memory.</summary>
    /// <param name="inputs">A tensor for each input, by name, of exactly its type and shape.</param>
    /// <exception cref="CaliperException">A tensor is missing, or of another type or shape.</exception>
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (_staged is not null) return RunStaged(inputs);
        var memory = TensorBinding.MemoryFor(Outputs);
        RunBound(inputs, memory);
        return Outputs.ToDictionary(o => o.Name, o => new Tensor(o.Type, o.Shape!.Value, memory[o.Name]), StringComparer.Ordinal);
    }

    /// <summary>Whether the network has several plans, of which a run finds out the next.</summary>
    internal bool IsStaged => _staged is not null;

    /// <summary>Runs the network on zeros, so that the first real run finds code compiled and memory touched.</summary>
    /// <param name="runs">How often.</param>
    public void Warmup(int runs = 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(runs);
        var inputs = Inputs.ToDictionary(i => i.Name, i =>
            new Tensor(i.Type, i.Shape!.Value, new byte[i.Type.ByteCount(i.Shape.Value.ElementCount)]));
        for (var run = 0; run < runs; run++) Run(inputs);
    }

    /// <summary>What was planned: every step with its kernel, sizes and work, and the memory it all takes.</summary>
    public SessionDescription Describe() => _staged?.Describe(_threads) ?? SessionDescription.Of(_plan, _threads);

    /// <summary>Frees memory and threads. Waits for runs that are under way; later ones are an
    /// <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (!_life.End()) return;
        if (_ownsPool) _pool!.Dispose();
        foreach (var context in _idle) context.Dispose();
        _staged?.Dispose();
        _plan?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs on one thread and tells after each step which one it was, so that the caller can hold a watch.</summary>
    /// <exception cref="CaliperException">The network has several plans.</exception>
    internal void RunProfiled(
        IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Memory<byte>> outputs, Action<int> after)
    {
        if (_staged is not null) throw new CaliperException("The layers of this network cannot be timed: which of them run only a run knows.");
        RunBound(inputs, outputs, after);
    }

    /// <summary>Runs with the caller's memory, inputs first, in the order of the slots.</summary>
    internal void RunRaw(ReadOnlySpan<nint> slots, Action<int>? after = null)
    {
        _life.Enter();
        try
        {
            var context = Take();
            try
            {
                context.Begin();
                for (var i = 0; i < slots.Length; i++) context.Slots[Storage.FirstExternal + i] = (byte*)slots[i];
                if (after is null) Execute(context);
                else ExecuteProfiled(context, after);
            }
            finally
            {
                context.End();
                lock (_lock) _idle.Push(context);
            }
        }
        finally
        {
            _life.Leave();
        }
    }

    private IReadOnlyDictionary<string, Tensor> RunStaged(IReadOnlyDictionary<string, Tensor> inputs)
    {
        _life.Enter();
        try
        {
            return _staged!.Run(Inputs.ToDictionary(i => i.Name, i => TensorBinding.Find(i, inputs), StringComparer.Ordinal));
        }
        finally
        {
            _life.Leave();
        }
    }

    private void RunBound(
        IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Memory<byte>> outputs, Action<int>? after = null)
    {
        using var bound = TensorBinding.Of(Inputs, Outputs, inputs, outputs);
        RunRaw(bound.Slots, after);
    }

    private void Execute(RunContext context)
    {
        // Where the threads are busy with another caller's run, this one does without them: the result is the same.
        if (_pool?.TryRun(context.Job) is true) return;
        foreach (var step in _plan.Steps) Share.Of(step, 0, 1).Run(step, context, thread: 0, isFirst: true);
    }

    private void ExecuteProfiled(RunContext context, Action<int> after)
    {
        for (var i = 0; i < _plan.Steps.Length; i++)
        {
            Share.Of(_plan.Steps[i], 0, 1).Run(_plan.Steps[i], context, thread: 0, isFirst: true);
            after(i);
        }
    }

    private RunContext Take()
    {
        lock (_lock) if (_idle.TryPop(out var context)) return context;
        return new RunContext(_plan, _threads);
    }

    private void RunOne(byte* input, int inputLength, ElementType inputType, byte* output, int outputLength)
    {
        if (Inputs.Length != 1 || Outputs.Length != 1)
            throw new ArgumentException($"The network has {Inputs.Length} inputs and {Outputs.Length} outputs; pass them by name.");
        var (x, y) = (Inputs[0], Outputs[0]);
        var isBytes = x.Type is ElementType.UInt8 or ElementType.Int8;
        if (isBytes != (inputType is ElementType.UInt8) || y.Type != ElementType.Float32)
            throw new ArgumentException($"The network takes {x.Type} and gives {y.Type}, not {inputType} and {ElementType.Float32}.");
        if (_staged is not null) throw new ArgumentException("Which steps the network takes only a run knows; pass tensors by name.");
        if (inputLength != x.Shape!.Value.ElementCount || outputLength != y.Shape!.Value.ElementCount)
            throw new ArgumentException($"The network takes {x.Shape} and gives {y.Shape} elements, not {inputLength} and {outputLength}.");
        RunRaw([(nint)input, (nint)output]);
    }

    private static ElementType TypeOf(Value output, EngineValue value) => value.Type switch
    {
        EngineType.Float => ElementType.Float32,
        EngineType.Int32 => ElementType.Int32,
        EngineType.Int64 => ElementType.Int64,
        EngineType.Boolean => ElementType.Boolean,
        _ => output.Type is ElementType.Int8 ? ElementType.Int8 : ElementType.UInt8,
    };
}
