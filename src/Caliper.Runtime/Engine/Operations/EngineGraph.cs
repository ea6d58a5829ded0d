using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>The network as the engine sees it: operations in the order they run, and what the caller passes.</summary>
/// <param name="Operations">In order; passes insert, replace and remove.</param>
/// <param name="Inputs">What the caller feeds, as it feeds it.</param>
/// <param name="Outputs">What the caller gets, as it gets it.</param>
internal sealed record EngineGraph(List<Operation> Operations, EngineValue[] Inputs, EngineValue[] Outputs)
{
    /// <summary>What was changed of the model when it was read.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>The operations that read each value.</summary>
    public Dictionary<EngineValue, List<Operation>> Readers()
    {
        var readers = new Dictionary<EngineValue, List<Operation>>(Operations.Count);
        foreach (var operation in Operations)
        {
            foreach (var input in operation.Inputs)
            {
                if (!readers.TryGetValue(input, out var list)) readers[input] = list = new(1);
                // Who reads a value twice was the last to be entered.
                if (list.Count == 0 || list[^1] != operation) list.Add(operation);
            }
        }
        return readers;
    }

    /// <summary>The operation that writes each value.</summary>
    public Dictionary<EngineValue, Operation> Writers()
    {
        var writers = new Dictionary<EngineValue, Operation>(Operations.Count);
        foreach (var operation in Operations)
            foreach (var output in operation.Outputs) writers.Add(output, operation);
        return writers;
    }
}
