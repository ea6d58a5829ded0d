using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Planning;

/// <summary>
/// An addition or multiplication of two functions of one tensor, such as <c>x · sigmoid(x)</c>, is a function of that tensor itself: its table
/// is what the operation makes of each of the 256 bytes.
/// </summary>
internal static class OwnTables
{
    /// <summary>Replaces what can be.</summary>
    public static void Join(EngineGraph graph)
    {
        var writers = graph.Writers();
        for (var i = 0; i < graph.Operations.Count; i++)
        {
            if (graph.Operations[i] is not BinaryOperation binary) continue;
            var ((root, a), (other, b)) = (RootOf(binary.Inputs[0], writers), RootOf(binary.Inputs[1], writers));
            if (root != other || !root.Shape.AsSpan().SequenceEqual(binary.Output.Shape)) continue;
            var table = new TableOperation(binary.Name, binary.IsAdd ? "add" : "multiply", root, binary.Output, TableOf(binary, a, b));
            graph.Operations[i] = table;
            writers[table.Output] = table;
        }
    }

    /// <summary>The tensor that a value is a function of, and its byte for each of that one's.</summary>
    private static (EngineValue Root, byte[] Table) RootOf(EngineValue value, Dictionary<EngineValue, Operation> writers) =>
        writers.TryGetValue(value, out var writer) && writer is TableOperation table ? (table.Inputs[0], table.Table)
            : (value, [.. Enumerable.Range(0, 256).Select(q => (byte)q)]);

    private static unsafe byte[] TableOf(BinaryOperation binary, byte[] a, byte[] b)
    {
        var result = new byte[256];
        var definition = (binary.IsAdd ? BinaryKernels.Add : BinaryKernels.Multiply).All[^1];
        fixed (byte* left = a) fixed (byte* right = b) fixed (byte* to = result) definition.Run(left, 1, right, 1, to, 256, binary.Factors);
        return result;
    }
}
