using System.Collections.Immutable;
using System.Diagnostics;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Tool.Inputs;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Measuring;

/// <summary>A model on a backend, with what it is fed, ready to be run again and again.</summary>
internal sealed class BenchedModel : IDisposable
{
    private const int ProfiledRuns = 50;

    private readonly IReadOnlyDictionary<string, Tensor> _inputs;
    private readonly Int8Session? _session;
    private readonly Dictionary<string, Memory<byte>> _outputs = [];
    private readonly IExecutionSession? _other;

    private BenchedModel(string path, Model model, IExecutionBackend backend, Diagnostic[] diagnostics, BenchOptions options, int threads,
        IReadOnlyDictionary<string, Tensor> fed, int batch)
    {
        (Path, Diagnostics, _inputs, Batch) = (path, diagnostics, fed, batch);
        if (options.Batch > 1 && Batch != options.Batch)
            throw new CaliperException($"A batch of {options.Batch} cannot be: its size is built into the model, or what is fed has another.");
        if (backend is CaliperBackend engine)
        {
            _session = Int8Session.FromModel(model, new Int8SessionOptions
            {
                Batch = options.Batch,
                InputShapes = _inputs.ToImmutableDictionary(i => i.Key, i => i.Value.Shape),
                Threads = threads,
                Kernels = engine.Kernels,
                AssembledCode = engine.AssembledCode,
            });
            // Where only a run knows how large they are, it makes them itself.
            if (_session.Outputs.All(o => o.Shape is { IsStatic: true })) _outputs = _session.Outputs.ToDictionary(o => o.Name, o =>
                new byte[o.Type.ByteCount(o.Shape!.Value.ElementCount)].AsMemory(), StringComparer.Ordinal);
            var description = _session.Describe();
            (MultiplyAdds, Steps) = (description.MultiplyAdds, description.Steps);
            Memory = new BenchMemory(description.WeightBytes, description.ArenaBytes);
        }
        else _other = backend.Load(model, new ExecutionOptions { Threads = threads, BusyWaiting = true });
        Backend = backend is CaliperBackend ? EngineSymbols.Caliper : EngineSymbols.OnnxRuntime;
    }

    public string Path { get; }

    public string Backend { get; }

    public Diagnostic[] Diagnostics { get; }

    /// <summary>Samples of a run.</summary>
    public int Batch { get; }

    /// <summary>Multiplications of one run, where the backend tells.</summary>
    public long? MultiplyAdds { get; }

    /// <summary>What a run does, where the backend tells.</summary>
    public IReadOnlyList<StepDescription>? Steps { get; }

    /// <summary>Memory of the engine's plan.</summary>
    public BenchMemory? Memory { get; }

    /// <summary>What each run took.</summary>
    public List<double> Milliseconds { get; } = [];

    public double Median => Milliseconds.Order().ElementAt(Milliseconds.Count / 2);

    /// <summary>Loads a model for the backend that is asked for.</summary>
    public static BenchedModel Open(BenchOptions options, string path, EngineOptions engine, int threads)
    {
        using var loaded = ModelFile.Load(options.Model with { Path = path });
        var (fed, batch) = Fed(loaded, options);
        var (backend, diagnostics) = Int8Backend.For(loaded.Model, engine, () => fed);
        return new BenchedModel(path, loaded.Model, backend, diagnostics, options, threads, fed, batch);
    }

    /// <summary>One forward pass.</summary>
    public void Once(CancellationToken cancellationToken)
    {
        if (_session is null) _other!.Run(_inputs, cancellationToken).Dispose();
        else
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_outputs.Count > 0) _session.Run(_inputs, _outputs);
            else _session.Run(_inputs);
        }
    }

    /// <summary>The median time of each step, on one thread; null where the backend does not tell.</summary>
    public (StepDescription Step, double Milliseconds)[]? Layers(CancellationToken cancellationToken)
    {
        if (_session is null) return null;
        var steps = _session.Describe().Steps;
        var times = steps.Select(_ => new double[ProfiledRuns]).ToArray();
        for (var run = 0; run < ProfiledRuns; run++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (at, before) = (run, Stopwatch.GetTimestamp());
            _session.RunProfiled(_inputs, _outputs, step =>
            {
                times[step][at] = Stopwatch.GetElapsedTime(before).TotalMilliseconds;
                before = Stopwatch.GetTimestamp();
            });
        }
        return [.. steps.Select((step, i) => (step, times[i].Order().ElementAt(ProfiledRuns / 2)))];
    }

    public void Dispose()
    {
        _session?.Dispose();
        _other?.Dispose();
    }

    /// <summary>What a run is fed, and how many samples that is.</summary>
    private static (IReadOnlyDictionary<string, Tensor> Fed, int Batch) Fed(FloatModel model, BenchOptions options)
    {
        var inputs = model.Model.Graph.Inputs;
        if (options.Data is { } data)
        {
            var first = InputData.Open(data, data.Path, model).First();
            return (FedPieces.Of(inputs, first.Inputs).First(),
                Batches.PieceSize(inputs, first.Inputs, first.Count) is > 0 and var size ? size : first.Count);
        }
        var noise = NoiseFor(inputs, options);
        // As many as a free first axis was given, or the size that is built in; a network of vectors alone has no batch.
        var free = inputs.FirstOrDefault(i => i.Shape is { Rank: > 0 } shape && !shape[0].IsKnown);
        return (noise, (int)(free is not null ? noise[free.Name].Shape[0].Length
            : inputs.Min(i => i.Shape is { Rank: > 1 } shape ? shape[0].Length : 1)));
    }

    private static Dictionary<string, Tensor> NoiseFor(ImmutableArray<Value> inputs, BenchOptions options)
    {
        if (options.Shapes.Keys.FirstOrDefault(name => inputs.All(i => i.Name != name)) is { } unknown)
            throw new CaliperException($"The model has no input '{unknown}' to give a shape to; it has "
                + $"{string.Join(", ", inputs.Select(i => i.Name))}.");
        return inputs.ToDictionary(i => i.Name, i => Noise(i, options), StringComparer.Ordinal);
    }

    /// <summary>Numbers around 0, always the same; a free first axis gets the batch.</summary>
    private static Tensor Noise(Value input, BenchOptions options)
    {
        var shape = options.Shapes.TryGetValue(input.Name, out var given) ? Checked(input, given) : input.Shape
            ?? throw new CaliperException($"The model's input '{input.Name}' has no shape, so that nothing can be fed; give one with --shape.");
        if (shape.Rank > 0 && !shape[0].IsKnown) shape = shape.With(0, options.Batch);
        if (!shape.IsStatic)
            throw new CaliperException($"The model's input '{input.Name}' has the shape {shape}; say how long its free axes are, "
                + $"such as --shape {input.Name}={string.Join(',', shape.Dimensions.Select(d => d.IsKnown ? d.Length : 64))}.");
        if (shape.Dimensions.Aggregate(1.0, (all, d) => all * d.Length) > Array.MaxLength)
            throw new CaliperException($"The model's input '{input.Name}' would be of {shape}: that many numbers do not fit in one tensor.");
        var random = new Random(1);
        var count = (int)shape.ElementCount;
        if (input.Type is ElementType.Float32)
        {
            var floats = new float[count];
            for (var i = 0; i < count; i++) floats[i] = random.NextSingle() * 4 - 2;
            return Tensor.Of(shape, floats);
        }
        var bytes = new byte[input.Type.ByteCount(count)];
        if (input.Type is ElementType.UInt8 or ElementType.Int8) random.NextBytes(bytes);
        return new Tensor(input.Type, shape, bytes);
    }

    private static Shape Checked(Value input, Shape given) => input.Shape is not { } said || given.Rank == said.Rank
        && given.Dimensions.Zip(said.Dimensions, (g, s) => !s.IsKnown || s.Length == g.Length).All(fits => fits) ? given
        : throw new CaliperException($"The shape {given} does not fit the model's input '{input.Name}' of {input.Shape}.");
}
