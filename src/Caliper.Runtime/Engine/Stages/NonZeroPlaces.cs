using Caliper.Graphs;

namespace Caliper.Engine.Stages;

/// <summary>NonZero: where a tensor is not 0. How many places there are only a run knows.</summary>
internal sealed class NonZeroPlaces(Node node) : Junction(node)
{
    public override Value[] Plan(Func<string, Value> known, out bool isFixed)
    {
        isFixed = false;
        var x = known(Node.Inputs[0]);
        if (x.Type is not (ElementType.Float32 or ElementType.Int64 or ElementType.Int32 or ElementType.Boolean
            or ElementType.UInt8 or ElementType.Int8))
            throw Fault($"has an input of {x.Type}");
        return [new Value(Node.Output, ElementType.Int64, Shape.Of(Math.Max(1, x.Shape!.Value.Rank), 1))];
    }

    public override Tensor[] Run(Func<string, Tensor> read)
    {
        var x = read(Node.Inputs[0]);
        var size = (int)x.Type.ByteCount(1);
        var places = new List<int>();
        // −0 is 0, and its sign is the last bit of a float.
        for (var i = 0; i < x.Count; i++)
        {
            var element = x.Bytes.Span.Slice(i * size, size);
            if (x.Type is ElementType.Float32 ? BitConverter.ToSingle(element) != 0 : element.ContainsAnyExcept((byte)0)) places.Add(i);
        }
        var lengths = x.Shape.Rank == 0 ? [1L] : x.Shape.ToArray();
        var result = new long[checked(lengths.Length * places.Count)];
        for (var at = 0; at < places.Count; at++)
        {
            var rest = (long)places[at];
            for (var axis = lengths.Length - 1; axis >= 0; axis--) (rest, result[axis * places.Count + at]) = Math.DivRem(rest, lengths[axis]);
        }
        return [Tensor.Of(Shape.Of(lengths.Length, places.Count), result)];
    }
}
