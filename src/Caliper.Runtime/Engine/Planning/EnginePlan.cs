using Caliper.Engine.Operations;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels;

namespace Caliper.Engine.Planning;

/// <summary>Everything that is decided before the first run and shared by all runs: steps with fixed addresses, constants,
/// and how much memory a run needs. Immutable.</summary>
internal sealed unsafe class EnginePlan : IDisposable
{
    private readonly KernelResources _resources;
    private readonly NativeBuffer _constants;

    private EnginePlan(EngineGraph graph, KernelSet kernels, KernelResources resources, MemoryGuard guard, long mostBytes)
    {
        _resources = resources;
        try
        {
            Rewrites.Apply(graph);
            var channelsLast = LayoutPlanner.Plan(graph);
            JoinedPlaces.Transpose(graph, channelsLast);
            Rewrites.WriteOutputsDirectly(graph, channelsLast);
            var borders = StoragePlanner.Plan(graph, channelsLast, _resources.HasModel && guard is MemoryGuard.None);
            LayoutCheck.Verify(graph, borders);
            SharedConstants.Place(graph, _resources);
            Memory = MemoryPlan.Place(graph, guard);
            if (Memory.Arena > mostBytes || Memory.Constants > mostBytes)
                throw new CaliperException(
                    $"The model needs {Memory.Arena} bytes to run and {Memory.Constants} for constants, of {mostBytes} allowed.");
            _constants = _resources.Own(new NativeBuffer(Memory.Constants, Memory.ConstantGuards));
            ExtentCheck.CheckStorages(graph, Memory);
            WriteConstants(graph);
            Steps = StepsOf(graph, borders, new StepFactory(kernels, _resources));
            if (!_resources.HasModel) _resources.Forget();
        }
        catch
        {
            _resources.Dispose();
            throw;
        }
        if (_resources.HasModel && guard is MemoryGuard.None) Working = _resources.Model.Shared(() => new WorkingMemory());
        (ScratchBytes, Guard) = (Steps.Select(s => s.ScratchBytes).DefaultIfEmpty().Max(), guard);
        (Inputs, Outputs) = (graph.Inputs, graph.Outputs);
    }

    /// <summary>Plans a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kernels">Which kernels to take.</param>
    /// <param name="resources">What read the graph's weights; the plan's from now on.</param>
    /// <param name="guard">Whether guard pages lie around the tensors.</param>
    /// <param name="mostBytes">The most memory that a run and the constants may take.</param>
    public static EnginePlan Of(EngineGraph graph, KernelSet kernels, KernelResources resources, MemoryGuard guard = MemoryGuard.None,
        long mostBytes = long.MaxValue) => new(graph, kernels, resources, guard, mostBytes);

    /// <summary>In the order they run.</summary>
    public Step[] Steps { get; }

    /// <summary>What the caller passes, in the order of its slots.</summary>
    public EngineValue[] Inputs { get; }

    /// <summary>What the caller gets, in the order of its slots, after those of the inputs.</summary>
    public EngineValue[] Outputs { get; }

    /// <summary>Working memory of one run, and constants other than weights.</summary>
    public PlannedMemory Memory { get; }

    /// <summary>Whether guard pages lie around the tensors.</summary>
    public MemoryGuard Guard { get; }

    /// <summary>Bytes of working memory of each thread.</summary>
    public int ScratchBytes { get; }

    /// <summary>Bytes of constants and of what kernels own; not what all plans of the model have together.</summary>
    public long OwnBytes => _resources.ByteCount;

    /// <summary>What lends runs their memory; null where each keeps its own.</summary>
    public WorkingMemory? Working { get; }

    /// <summary>The constants.</summary>
    public byte* Constants => _constants.Start;

    public void Dispose() => _resources.Dispose();

    private static Step[] StepsOf(EngineGraph graph, IReadOnlyDictionary<EngineValue, Border> borders, StepFactory factory)
    {
        var steps = new List<Step>();
        var fills = borders.GroupBy(b => b.Key.Layout.Storage.FirstUse).ToDictionary(g => g.Key, g => g.ToArray());
        var waiting = new List<BorderFill>();
        for (var i = 0; i < graph.Operations.Count; i++)
        {
            foreach (var (value, border) in fills.GetValueOrDefault(i, [])) waiting.Add(FillOf(value, border));
            if (ExtentCheck.CreateChecked(graph.Operations[i], factory) is not { } step) continue;
            step.Borders = [.. waiting];
            waiting.Clear();
            steps.Add(step);
        }
        return [.. steps];
    }

    /// <summary>The fill of a border, which must lie within what the value's storage has.</summary>
    private static BorderFill FillOf(EngineValue value, Border border)
    {
        var layout = value.Layout;
        var rank = layout.Shape.Length;
        var pixel = layout.Strides[rank - 1];
        var row = rank == 3 ? layout.Strides[0] : layout.Strides[2];
        var start = Place.Of(layout) + (-border.Top * row - border.Left * pixel);
        var fill = new BorderFill(start, layout.Shape[0], layout.Strides[0], rank == 3 ? 1 : layout.Shape[2], checked((int)row),
            border.Top, border.Bottom, checked((int)(border.Left * pixel)), checked((int)(border.Right * pixel)), border.Value);
        return fill.Extent.LiesIn(layout.Storage) ? fill : throw ExtentCheck.Refused(value.Name, "border", fill.Extent);
    }

    private void WriteConstants(EngineGraph graph)
    {
        Span<long> offsets = stackalloc long[2];
        foreach (var value in graph.Operations.SelectMany(o => o.Inputs).Distinct().Where(v => v.Constant is { Bytes.IsEmpty: false }))
        {
            if (value.Layout.Storage.Slot == Storage.Shared) continue;
            ExtentCheck.CheckConstant(value);
            var target = _constants.Start + value.Layout.Storage.Start + value.Layout.Offset;
            var bytes = value.Constant!.Bytes.Span;
            if (value.Layout.IsDense(value.ElementSize))
            {
                bytes.CopyTo(new Span<byte>(target, bytes.Length));
                continue;
            }
            var dense = TensorLayout.DenseStrides(value.Shape, value.ElementSize);
            var walk = StridedWalk.Of(value.Shape, dense, value.Layout.Strides);
            for (var run = 0; run < walk.Count; run++)
            {
                var count = walk.Run(run, offsets);
                // Side by side in both, it is one piece: a table of embeddings has millions of elements.
                var (piece, pieces) = walk.RunStrides.All(s => s == value.ElementSize) ? (count * value.ElementSize, 1) : (value.ElementSize, count);
                for (var i = 0; i < pieces; i++)
                {
                    var element = bytes.Slice((int)(offsets[0] + i * walk.RunStrides[0]), piece);
                    element.CopyTo(new Span<byte>(target + offsets[1] + i * walk.RunStrides[1], piece));
                }
            }
        }
    }
}
