using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Planning;

/// <summary>Rewrites of the graph that save passes over memory and change no result by a single bit.</summary>
internal static class Rewrites
{
    /// <summary>Applies all of them.</summary>
    public static void Apply(EngineGraph graph)
    {
        Islands.Join(graph);
        Attention.Join(graph);
        OwnTables.Join(graph);
        FuseClamps(graph);
        FuseBounds(graph);
        FuseResiduals(graph);
        RemoveUnread(graph);
    }

    /// <summary>Operations whose result is copied to the caller write it there themselves where they can.</summary>
    public static void WriteOutputsDirectly(EngineGraph graph, HashSet<EngineValue> channelsLast)
    {
        var (readers, writers) = (graph.Readers(), graph.Writers());
        foreach (var copy in graph.Operations.OfType<CopyOperation>().ToArray())
        {
            if (!graph.Outputs.Contains(copy.Output) || copy.FlipsSign || copy.IsConcatenation || copy.Parts.Length != 1) continue;
            var value = copy.Inputs[0];
            if (readers[value].Count > 1 || !writers.TryGetValue(value, out var writer) || writer.Outputs.Length > 1) continue;
            // What reads tiles of one tensor writes them in any order.
            var isAnyOrder = writer is ElementwiseOperation { Inputs.Length: 1 };
            if (value.Shape.Length > 2 && channelsLast.Contains(value) && !isAnyOrder) continue;
            if (writer is ReshapeOperation || !copy.Inputs[0].Shape.AsSpan().SequenceEqual(copy.Output.Shape)) continue;
            writer.Output = copy.Output;
            graph.Operations.Remove(copy);
        }
    }

    /// <summary>A Relu or Clip on bytes becomes a bound of what makes the bytes.</summary>
    private static void FuseClamps(EngineGraph graph)
    {
        for (var i = 0; i < graph.Operations.Count; i++)
        {
            if (graph.Operations[i] is not TableOperation table || !table.IsClamp(out var range)) continue;
            var input = table.Inputs[0];
            var writer = graph.Operations.Find(o => o.Outputs.Contains(input));
            if (writer is null || graph.Operations.Count(o => o.Inputs.Contains(input)) > 1 || writer.Outputs.Length > 1) continue;
            if (!writer.TryClamp(range)) continue;
            writer.Output = table.Output;
            graph.Operations.RemoveAt(i--);
        }
    }

    /// <summary>A Relu or Clip on floats becomes a bound of the products before it.</summary>
    private static void FuseBounds(EngineGraph graph)
    {
        for (var i = 0; i < graph.Operations.Count; i++)
        {
            if (graph.Operations[i] is not ElementwiseOperation { Program.Bounds: { Are: true } bounds } clip) continue;
            var input = clip.Inputs[0];
            var writer = graph.Operations.Find(o => o.Outputs.Contains(input));
            if (writer is null || graph.Outputs.Contains(input) || graph.Operations.Count(o => o.Inputs.Contains(input)) > 1) continue;
            if (!input.Shape.AsSpan().SequenceEqual(clip.Output.Shape) || !writer.TryBound(bounds)) continue;
            writer.Output = clip.Output;
            graph.Operations.RemoveAt(i--);
        }
    }

    /// <summary>An addition moves into the convolution before it whose result nothing else reads.</summary>
    private static void FuseResiduals(EngineGraph graph)
    {
        for (var i = 0; i < graph.Operations.Count; i++)
        {
            if (graph.Operations[i] is not BinaryOperation { IsAdd: true } add) continue;
            var (a, b) = (add.Inputs[0], add.Inputs[1]);
            if (a == b || !a.Shape.AsSpan().SequenceEqual(b.Shape) || a.Constant is not null || b.Constant is not null) continue;
            var (writerOfA, writerOfB) = (IndexOfWriter(graph, a), IndexOfWriter(graph, b));
            // The later of the two finds the other operand computed already.
            var last = Math.Max(writerOfA, writerOfB);
            if (last < 0 || graph.Operations[last] is not ConvolutionOperation convolution || !CanTake(graph, convolution)) continue;
            var ownIsB = last == writerOfB;
            convolution.Epilogue = convolution.Epilogue with { Residual = ResidualOf(add, ownIsB) };
            convolution.Inputs = [convolution.Inputs[0], ownIsB ? a : b];
            convolution.Output = add.Output;
            graph.Operations.RemoveAt(i--);
        }
    }

    private static bool CanTake(EngineGraph graph, ConvolutionOperation convolution) =>
        convolution.Epilogue is { IsWide: false, Residual: null }
        && graph.Operations.Count(o => o.Inputs.Contains(convolution.Output)) == 1;

    private static Residual ResidualOf(BinaryOperation add, bool ownIsB)
    {
        var f = add.Factors;
        return new Residual(ownIsB ? f.B : f.A, ownIsB ? f.A : f.B, f.Offset, f.Low, f.High) { OwnIsInner = ownIsB };
    }

    private static int IndexOfWriter(EngineGraph graph, EngineValue value) => graph.Operations.FindIndex(o => o.Outputs.Contains(value));

    private static void RemoveUnread(EngineGraph graph)
    {
        var needed = graph.Outputs.ToHashSet();
        for (var i = graph.Operations.Count - 1; i >= 0; i--)
        {
            if (graph.Operations[i].Outputs.Any(needed.Contains)) needed.UnionWith(graph.Operations[i].Inputs);
            else graph.Operations.RemoveAt(i);
        }
    }
}
