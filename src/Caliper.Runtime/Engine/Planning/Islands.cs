using Caliper.Engine.Operations;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Planning;

/// <summary>
/// Floats between bytes: what dequantizes, computes element by element and quantizes again becomes one operation, which reads bytes and
/// writes bytes. Each element goes through the same functions as before, so no bit changes.
/// </summary>
internal static class Islands
{
    /// <summary>Joins what can be.</summary>
    public static void Join(EngineGraph graph)
    {
        var (writers, readers) = (graph.Writers(), graph.Readers());
        foreach (var operation in graph.Operations.OfType<ElementwiseOperation>().ToArray()) TakeInputs(graph, operation, writers, readers);
        foreach (var quantize in graph.Operations.OfType<QuantizeOperation>().ToArray())
        {
            var floats = quantize.Inputs[0];
            if (readers[floats].Count > 1 || !writers.TryGetValue(floats, out var writer) || graph.Outputs.Contains(floats)) continue;
            if (writer is not ElementwiseOperation { Program.Result: null } island) continue;
            island.Give(quantize.Output, new TileResult(quantize.Scale, ByteRange.Full));
            graph.Operations.Remove(quantize);
        }
    }

    private static void TakeInputs(EngineGraph graph, ElementwiseOperation island, Dictionary<EngineValue, Operation> writers,
        Dictionary<EngineValue, List<Operation>> readers)
    {
        for (var input = 0; input < island.Inputs.Length; input++)
        {
            var value = island.Inputs[input];
            if (!writers.TryGetValue(value, out var writer)) continue;
            // Bytes are looked up again by each reader: that is less than to write floats and read them.
            if (writer is DequantizeOperation { Tile: { } tile }) island.Take(input, writer.Inputs, new FloatProgram([tile], [], null));
            else if (writer is ElementwiseOperation { Program: { Result: null } inner } before && readers[value].Count == 1
                && island.Inputs.Count(v => v == value) == 1 && !graph.Outputs.Contains(value)
                && value.Shape.AsSpan().SequenceEqual(island.Output.Shape) && island.Program.CanTake(inner))
            {
                island.Take(input, before.Inputs, inner);
                graph.Operations.Remove(before);
            }
        }
    }
}
