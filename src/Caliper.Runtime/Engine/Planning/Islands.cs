using Caliper.Engine.Operations;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Planning;

/// <summary>
/// Floats between integers: what dequantizes, computes element by element and quantizes again becomes one operation, which reads bytes or
/// words and writes such. Each element goes through the same functions as before, so no bit changes.
/// </summary>
internal sealed class Islands
{
    private readonly EngineGraph _graph;
    private readonly Dictionary<EngineValue, Operation> _writers;
    private readonly Dictionary<EngineValue, List<Operation>> _readers;
    private bool _hasJoined;

    private Islands(EngineGraph graph) => (_graph, _writers, _readers) = (graph, graph.Writers(), graph.Readers());

    /// <summary>Joins what can be.</summary>
    public static void Join(EngineGraph graph)
    {
        var islands = new Islands(graph);
        foreach (var operation in graph.Operations.ToArray()) islands.RoundOnTheWay(operation);
        if (islands._hasJoined) islands = new Islands(graph);
        // Two that read one value may become one, which then can take what makes the value.
        while (islands.JoinOnce()) islands = new Islands(graph);
        foreach (var operation in graph.Operations.ToArray())
        {
            if (operation is QuantizeOperation bytes) islands.Quantize(bytes, new TileResult(bytes.Scale, ByteRange.Full));
            else if (operation is QuantizeWordsOperation words) islands.Quantize(words, TileResult.OfWords(words.Scale));
        }
    }

    /// <summary>What is quantized between two functions of floats, and dequantized for the second alone, is rounded there and never
    /// written; so is what is dequantized for products of floats alone.</summary>
    private void RoundOnTheWay(Operation quantize)
    {
        if (quantize is not (QuantizeOperation or QuantizeWordsOperation) || _readers.GetValueOrDefault(quantize.Output) is not [var back]) return;
        if (quantize.Outputs.Any(half => _readers[half].Count != 1 || _graph.Outputs.Contains(half))) return;
        var round = (quantize, back) switch
        {
            (QuantizeOperation bytes, DequantizeOperation { Tile: { Table: null, Scale: { } scale } }) when scale == bytes.Scale =>
                FloatFunction.From(new ByteRoundingMap(scale)),
            (QuantizeWordsOperation words, DequantizeWordsOperation same) when same.Scale == words.Scale =>
                FloatFunction.From(new WordRoundingMap(words.Scale)),
            _ => null,
        };
        if (round is null || !IsBetweenFunctions(quantize.Inputs[0], back.Output) && !IsForFloats(back.Output)) return;
        _graph.Operations[_graph.Operations.IndexOf(back)] =
            ElementwiseOperation.Of(quantize.Name, FloatCall.Of(FloatProgram.Rounding, round), back.Output, quantize.Inputs[0]);
        _graph.Operations.Remove(quantize);
        _hasJoined = true;
    }

    private bool IsBetweenFunctions(EngineValue from, EngineValue to) => !_graph.Outputs.Contains(from) && !_graph.Outputs.Contains(to)
        && _writers.GetValueOrDefault(from) is ElementwiseOperation && _readers[from].Count == 1
        && _readers.GetValueOrDefault(to) is [ElementwiseOperation reader] && reader.Output.Shape.AsSpan().SequenceEqual(to.Shape);

    /// <summary>Whether float operators alone read a value, to whom bytes are of no use.</summary>
    private bool IsForFloats(EngineValue value) => !_graph.Outputs.Contains(value)
        && _readers.GetValueOrDefault(value, []).All(r => r is FloatOperation { Form: FloatStack });

    private bool JoinOnce()
    {
        foreach (var operation in _graph.Operations.OfType<ElementwiseOperation>().ToArray())
        {
            TakeInputs(operation);
            operation.ReadOnce();
        }
        return _hasJoined;
    }

    private void TakeInputs(ElementwiseOperation island)
    {
        for (var input = 0; input < island.Inputs.Length; input++)
        {
            var value = island.Inputs[input];
            if (!_writers.TryGetValue(value, out var writer)) continue;
            // Bytes are looked up again by each reader: that is less than to write floats and read them.
            if (writer is DequantizeOperation { Tile: { } tile }) Take(island, input, writer.Inputs, new FloatProgram([tile], [], null));
            else if (writer is DequantizeWordsOperation { Program: var joining } && island.Program.CanTake(joining))
                Take(island, input, writer.Inputs, joining);
            else if (writer is ElementwiseOperation { Program: { Result: null } inner } before && _readers[value].Count == 1
                && island.Inputs.Count(v => v == value) == 1 && !_graph.Outputs.Contains(value)
                && value.Shape.AsSpan().SequenceEqual(island.Output.Shape) && island.Program.CanTake(inner))
            {
                Take(island, input, before.Inputs, inner);
                _graph.Operations.Remove(before);
            }
        }
    }

    private void Take(ElementwiseOperation island, int input, EngineValue[] inputs, FloatProgram inner)
    {
        island.Take(input, inputs, inner);
        _hasJoined = true;
    }

    /// <summary>Lets what makes floats write the integers that they become; words become others without floats between.</summary>
    private void Quantize(Operation quantize, TileResult result)
    {
        var floats = quantize.Inputs[0];
        if (!_writers.TryGetValue(floats, out var writer)) return;
        var reading = writer switch
        {
            DequantizeWordsOperation words => words.Program,
            DequantizeOperation { Tile: { } tile } => new FloatProgram([tile], [], null),
            _ => null,
        };
        if (reading is not null)
        {
            var between = new ElementwiseOperation(quantize.Name, writer.Inputs, quantize.Outputs, reading with { Result = result });
            _graph.Operations[_graph.Operations.IndexOf(quantize)] = between;
        }
        else if (writer is ElementwiseOperation { Program.Result: null } island && _readers[floats].Count == 1 && !_graph.Outputs.Contains(floats))
        {
            _graph.Operations[_graph.Operations.IndexOf(island)] = island.Giving(quantize.Outputs, result);
            _graph.Operations.Remove(quantize);
        }
    }
}
