using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Engine.Stages;

/// <summary>A Scan: its body is computed for each place along an axis of its inputs, on what it gave at the place before. What it gives beside
/// that is put one after the other.</summary>
internal sealed class Sweep : Junction
{
    private readonly Model _model;
    private readonly Int8SessionOptions _options;
    private readonly KernelResources _shared;
    private readonly int _states;
    private readonly long[] _inputAxes, _outputAxes;
    private readonly bool[] _isInputReversed, _isOutputReversed;
    private Body? _body;
    private Value[] _ofOneTurn = [];

    public Sweep(Node node, Model model, Int8SessionOptions options, KernelResources shared) : base(node)
    {
        (_model, _options, _shared) = (model, options, shared);
        var swept = node.Int("num_scan_inputs", 0);
        if (swept < 1 || swept > node.Inputs.Length) throw Fault($"goes along {swept} of its {node.Inputs.Length} inputs");
        if (node.Inputs[0].Length == 0) throw Fault("leaves out its input 1");
        _states = node.Inputs.Length - (int)swept;
        if (node.Outputs.Length < _states) throw Fault($"has {_states} states, but {node.Outputs.Length} outputs");
        _inputAxes = Each("scan_input_axes", (int)swept);
        _isInputReversed = [.. Each("scan_input_directions", (int)swept).Select(IsReversed)];
        _outputAxes = Each("scan_output_axes", node.Outputs.Length - _states);
        _isOutputReversed = [.. Each("scan_output_directions", node.Outputs.Length - _states).Select(IsReversed)];
    }

    public override long PlanBytes => _body?.Bytes ?? 0;

    public override Value[] Plan(Func<string, Value> known, out bool isFixed)
    {
        Value[] fed = [.. Node.Inputs.Select(known)];
        var turns = TurnsOf(i => fed[i].Shape!.Value);
        Value[] own = [.. fed.Select((value, i) =>
            i < _states ? value : value with { Shape = Without(value.Shape!.Value, AxisOf(i, value.Shape.Value)) })];
        _body = Body.Of(_model, Node, "body", own, known, _options, _shared);
        if (_body.Outputs.Length != Node.Outputs.Length)
            throw Fault($"has {Node.Outputs.Length} outputs, but its body gives {_body.Outputs.Length}");
        var plan = _body.Plan([.. own.Select(v => v.Shape!.Value), .. _body.Inputs.Skip(own.Length).Select(i => known(i.Name).Shape!.Value)]);
        _ofOneTurn = plan.Outputs;
        isFixed = plan.IsFixed && fed.Take(_states).Zip(_ofOneTurn).All(p => p.First.Shape == p.Second.Shape);
        return [.. Node.Outputs.Select((name, i) => _ofOneTurn[i] with { Name = name, Shape = ShapeOf(_ofOneTurn[i].Shape!.Value, i) })];

        Shape ShapeOf(Shape shape, int output)
        {
            if (output < _states) return shape;
            var axis = Collection.AxisIn(shape.Rank + 1, _outputAxes[output - _states], Fault);
            return new Shape([.. shape.Dimensions.Take(axis), Dimension.Of(turns), .. shape.Dimensions.Skip(axis)]);
        }
    }

    public override Tensor[] Run(Func<string, Tensor> read)
    {
        Tensor[] fed = [.. Node.Inputs.Select(read)];
        var turns = TurnsOf(i => fed[i].Shape);
        var states = fed[.._states];
        Collection[] collected = Collection.Of(_ofOneTurn[_states..], _outputAxes, Fault);
        for (var turn = 0; turn < turns; turn++)
        {
            var place = turn;
            var results = _body!.Run([.. states, .. fed.Skip(_states).Select((tensor, i) =>
                PlaceOf(tensor, AxisOf(_states + i, tensor.Shape), _isInputReversed[i] ? turns - 1 - place : place))], read);
            states = results[.._states];
            for (var i = 0; i < collected.Length; i++) collected[i].Add(results[_states + i]);
        }
        return [.. states, .. collected.Select((c, i) => c.Joined(_isOutputReversed[i]))];
    }

    public override void Dispose() => _body?.Dispose();

    /// <summary>One number for each input or output; 0 where the node does not say.</summary>
    private long[] Each(string attribute, int count) => Node.Ints(attribute) is not { } said ? new long[count]
        : said.Length == count ? [.. said] : throw Fault($"has {said.Length} {attribute} where there must be {count}");

    private bool IsReversed(long direction) => direction is 0 or 1 ? direction == 1 : throw Fault($"has the direction {direction}, not 0 or 1");

    private int AxisOf(int input, Shape shape) => Collection.AxisIn(shape.Rank, _inputAxes[input - _states], Fault);

    private int TurnsOf(Func<int, Shape> shapeOf)
    {
        long[] lengths = [.. Enumerable.Range(_states, _inputAxes.Length).Select(i => shapeOf(i)[AxisOf(i, shapeOf(i))].Length).Distinct()];
        return lengths is [var one] ? (int)one : throw Fault($"goes along axes of different lengths, {string.Join(" and ", lengths)}");
    }

    private static Shape Without(Shape shape, int axis) => new([.. shape.Dimensions.Where((_, i) => i != axis)]);

    private static Tensor PlaceOf(Tensor tensor, int axis, int place)
    {
        var shape = Without(tensor.Shape, axis);
        var bytes = new byte[tensor.Bytes.Length / (int)tensor.Shape[axis].Length];
        var rows = (int)shape.Dimensions.Take(axis).Aggregate(1L, (product, d) => product * d.Length);
        var (row, whole) = (bytes.Length / Math.Max(1, rows), tensor.Bytes.Length / Math.Max(1, rows));
        for (var i = 0; i < rows; i++) tensor.Bytes.Span.Slice(i * whole + place * row, row).CopyTo(bytes.AsSpan(i * row));
        return new Tensor(tensor.Type, shape, bytes);
    }
}
