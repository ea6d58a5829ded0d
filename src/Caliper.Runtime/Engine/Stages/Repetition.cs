using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Engine.Stages;

/// <summary>A Loop: its body is computed again and again on what it gave, as often as it is told and its condition holds. What it gives at each
/// turn is put one after the other.</summary>
internal sealed class Repetition(Node node, Model model, Int8SessionOptions options, KernelResources shared) : Junction(node)
{
    // A small file must not run for ever.
    private const long MostTurns = 1 << 20;

    private Body? _body;
    private Value[] _ofOneTurn = [];

    private int States => Node.Inputs.Length - 2;

    public override long PlanBytes => _body?.Bytes ?? 0;

    public override Value[] Plan(Func<string, Value> known, out bool isFixed)
    {
        Value[] states = [.. Node.Inputs.Skip(2).Select(known)];
        Value[] own = [new("", ElementType.Int64, Shape.Scalar), new("", ElementType.Boolean, Shape.Scalar), .. states];
        _body = Body.Of(model, Node, "body", own, known, options, shared);
        if (_body.Outputs.Length != 1 + Node.Outputs.Length || Node.Outputs.Length < States)
            throw Fault($"has {Node.Outputs.Length} outputs, but its body gives {_body.Outputs.Length} and has {States} states");
        var plan = _body.Plan([.. own.Select(v => v.Shape!.Value), .. _body.Inputs.Skip(own.Length).Select(i => known(i.Name).Shape!.Value)],
            first: Tensor.Scalar(0L));
        if (_body.DependsOnNumbers && model.Graph.Constant(Node.Inputs[0]) is { Type: ElementType.Int64, Count: 1 } most
            && most.Span<long>()[0] > PlansByShape.MostByNumbers)
            throw Fault($"takes {most.Span<long>()[0]} turns of different shapes");
        _ofOneTurn = plan.Outputs;
        isFixed = plan.IsFixed && Node.Outputs.Length == States && states.Zip(_ofOneTurn.Skip(1)).All(p => p.First.Shape == p.Second.Shape);
        return [.. Node.Outputs.Select((name, i) => _ofOneTurn[1 + i] with { Name = name, Shape = ShapeOf(_ofOneTurn[1 + i].Shape!.Value, i) })];

        Shape ShapeOf(Shape shape, int output) => output < States ? shape : new Shape([1, .. shape.Dimensions]);
    }

    public override Tensor[] Run(Func<string, Tensor> read)
    {
        var turns = NumberOf(read, 0, long.MaxValue);
        var goesOn = NumberOf(read, 1, true);
        Tensor[] states = [.. Node.Inputs.Skip(2).Select(read)];
        Collection[] collected = Collection.Of(_ofOneTurn[(1 + States)..], new long[_ofOneTurn.Length - 1 - States], Fault);
        for (var turn = 0L; turn < turns && goesOn; turn++)
        {
            if (turn >= MostTurns) throw Fault($"takes more than {MostTurns} turns");
            var results = _body!.Run([Tensor.Scalar(turn), Tensor.Scalar(goesOn), .. states], read);
            goesOn = results[0].Bytes.Span is [var truth] ? truth != 0 : throw Fault("has a condition that is not one truth value");
            states = results[1..(1 + States)];
            for (var i = 0; i < collected.Length; i++) collected[i].Add(results[1 + States + i]);
        }
        return [.. states, .. collected.Select(c => c.Joined())];
    }

    public override void Dispose() => _body?.Dispose();
}
