using Caliper.Engine.Operations;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Planning;

/// <summary>
/// What reads several functions of one tensor of bytes, such as <c>x · sigmoid(x)</c>, and gives bytes, is a function of that tensor itself: its
/// table is what the operation makes of each of the 256 bytes. For words there are two, one of upper and one of lower bytes.
/// </summary>
internal sealed class OwnTables
{
    private static readonly byte[] Itself = [.. Enumerable.Range(0, 256).Select(q => (byte)q)];

    private readonly EngineGraph _graph;
    private readonly Dictionary<EngineValue, Operation> _writers;

    private OwnTables(EngineGraph graph) => (_graph, _writers) = (graph, graph.Writers());

    /// <summary>Replaces what can be.</summary>
    public static void Join(EngineGraph graph)
    {
        var own = new OwnTables(graph);
        foreach (var operation in graph.Operations.ToArray())
        {
            if (operation is BinaryOperation binary && own.RootOf(operation) is var (root, tables))
                own.Replace(operation, new TableOperation(binary.Name, binary.IsAdd ? "add" : "multiply", root, binary.Output,
                    TableOf(binary, tables[0], tables[1])));
            else if (operation is ElementwiseOperation { Program: { Result: { } result } program } island
                && program.Inputs.All(input => input.Scale is not null) && own.RootOf(operation) is var (of, bytes))
                own.Replace(operation, [.. TablesOf(program, result, bytes).Select((table, i) =>
                    new TableOperation(island.Name, program.ToString(), of, island.Outputs[i], table))]);
        }
    }

    private void Replace(Operation operation, params TableOperation[] tables)
    {
        var index = _graph.Operations.IndexOf(operation);
        _graph.Operations.RemoveAt(index);
        _graph.Operations.InsertRange(index, tables);
        foreach (var table in tables) _writers[table.Output] = table;
    }

    /// <summary>The tensor that all inputs are functions of, and what each is of its bytes; null where there are several.</summary>
    private (EngineValue Root, byte[][] Tables)? RootOf(Operation operation)
    {
        var inputs = operation.Inputs.Select(RootOf).ToArray();
        var root = inputs[0].Root;
        return inputs.Any(input => input.Root != root) || !root.Shape.AsSpan().SequenceEqual(operation.Output.Shape) ? null
            : (root, [.. inputs.Select(input => input.Table)]);
    }

    /// <summary>The tensor that a value is a function of, and its byte for each of that one's.</summary>
    private (EngineValue Root, byte[] Table) RootOf(EngineValue value) =>
        _writers.TryGetValue(value, out var writer) && writer is TableOperation table ? (table.Inputs[0], table.Table)
            : (value, Itself);

    private static unsafe byte[] TableOf(BinaryOperation binary, byte[] a, byte[] b)
    {
        var result = new byte[256];
        var definition = (binary.IsAdd ? BinaryKernels.Add : BinaryKernels.Multiply).All[^1];
        fixed (byte* left = a) fixed (byte* right = b) fixed (byte* to = result) definition.Run(left, 1, right, 1, to, 256, binary.Factors);
        return result;
    }

    private static byte[][] TablesOf(FloatProgram program, TileResult result, byte[][] tables)
    {
        var real = new float[256];
        var inputs = new byte[tables.Length];
        for (var q = 0; q < real.Length; q++)
        {
            for (var i = 0; i < inputs.Length; i++) inputs[i] = tables[i][q];
            real[q] = program.Of(inputs);
        }
        return result.Words is { } words
            ? [[.. real.Select(r => (byte)(words.Quantize(r) >> 8))], [.. real.Select(r => (byte)words.Quantize(r))]]
            : [[.. real.Select(r => Math.Clamp(result.Scale.Quantize(r), result.Range.Low, result.Range.High))]];
    }
}
