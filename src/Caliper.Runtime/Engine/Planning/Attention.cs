using Caliper.Engine.Operations;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Planning;

/// <summary>
/// Attention that a network leaves float: a product, functions of its sums, Softmax along their rows, functions of that and a second product become
/// one operation, so that the scores are never written to memory. No bit changes.
/// </summary>
internal sealed class Attention
{
    private readonly EngineGraph _graph;
    private readonly Dictionary<EngineValue, Operation> _writers;
    private readonly Dictionary<EngineValue, List<Operation>> _readers;

    private Attention(EngineGraph graph) => (_graph, _writers, _readers) = (graph, graph.Writers(), graph.Readers());

    /// <summary>Joins what can be.</summary>
    public static void Join(EngineGraph graph)
    {
        Attention? attention = null;
        foreach (var softmax in graph.Operations.OfType<FloatOperation>().Where(o => o.Form is SoftmaxRows).ToArray())
            if ((attention ??= new Attention(graph)).Join(softmax)) attention = null;
    }

    private bool Join(FloatOperation softmax)
    {
        var (before, scores) = ScoresOf(softmax.Inputs[0]);
        if (scores is not { Form: FloatStack first } || !IsPassedOn(scores.Output) || !IsPassedOn(softmax.Output)) return false;
        var shares = softmax.Output;
        ElementwiseOperation? after = null;
        if (_readers[shares] is [ElementwiseOperation { Inputs.Length: 1 } function] && Suits(function, shares))
            (after, shares) = (function, function.Output);
        if (!IsPassedOn(shares) || _readers[shares] is not [FloatOperation { Form: FloatStack second } product]) return false;
        if (product.Inputs[0] != shares || product.Inputs[1] == shares || !AreOneAfterTheOther(first, second)) return false;
        var joined = new AttentionOperation(product.Name, [.. scores.Inputs, product.Inputs[1]], product.Output, first, second,
            ProgramOf(before, scores.Output), ProgramOf(after, softmax.Output));
        _graph.Operations[_graph.Operations.IndexOf(product)] = joined;
        foreach (var done in new Operation?[] { scores, before, softmax, after }) if (done is not null) _graph.Operations.Remove(done);
        return true;
    }

    /// <summary>The product that gives the scores, and the functions between it and Softmax.</summary>
    private (ElementwiseOperation? Functions, FloatOperation? Product) ScoresOf(EngineValue value)
    {
        var writer = _writers.GetValueOrDefault(value);
        if (writer is not ElementwiseOperation functions) return (null, writer as FloatOperation);
        if (!IsPassedOn(value)) return default;
        var scores = functions.Inputs.FirstOrDefault(i => _writers.GetValueOrDefault(i) is FloatOperation { Form: FloatStack }
            && IsPassedOn(i) && Suits(functions, i));
        return scores is null ? default : (functions, (FloatOperation)_writers[scores]);
    }

    private bool IsPassedOn(EngineValue value) => !_graph.Outputs.Contains(value) && _readers.GetValueOrDefault(value) is [_];

    /// <summary>Whether functions of the scores read others row by row.</summary>
    private static bool Suits(ElementwiseOperation functions, EngineValue scores) => RowProgram.Takes(functions.Program)
        && functions.Inputs.Count(i => i == scores) == 1 && functions.Output.Shape.AsSpan().SequenceEqual(scores.Shape)
        && functions.Inputs.All(i => i.Shape.Length > 0 && i.Shape[^1] == scores.Shape[^1]);

    private static bool AreOneAfterTheOther(FloatStack first, FloatStack second) => first.Columns == second.Inner && first.Rows == second.Rows
        && first.OffsetsA.Length == second.OffsetsA.Length && first.Columns > 0
        && second.OffsetsA.Select((offset, matrix) => offset == (long)matrix * first.Rows * first.Columns).All(follows => follows);

    private static ScoresProgram? ProgramOf(ElementwiseOperation? functions, EngineValue scores)
    {
        if (functions is null) return null;
        var index = Array.IndexOf(functions.Inputs, scores);
        return new(functions.Program, index, [.. functions.Inputs.Where((_, i) => i != index)]);
    }
}
