using Caliper.Graphs;

namespace Caliper.Engine.Stages;

/// <summary>What a body gives turn after turn, put one after the other along a new axis.</summary>
internal sealed class Collection
{
    // A small file must not fill the memory.
    private const long MostBytes = 1L << 30;

    private readonly List<Tensor> _turns = [];
    private readonly Value _planned;
    private readonly long _axis, _mostBytes;
    private readonly Func<string, CaliperException> _fault;
    private long _bytes;

    private Collection(Value planned, long axis, long mostBytes, Func<string, CaliperException> fault) =>
        (_planned, _axis, _mostBytes, _fault) = (planned, axis, mostBytes, fault);

    /// <summary>One for each thing that is collected.</summary>
    /// <param name="planned">What is known of one turn's tensors: where there was no turn, that is all there is.</param>
    /// <param name="axes">The new axis in each result; -1 is the last.</param>
    /// <param name="fault">The error that names the node.</param>
    public static Collection[] Of(Value[] planned, long[] axes, Func<string, CaliperException> fault) =>
        [.. planned.Zip(axes, (value, axis) => new Collection(value, axis, MostBytes / planned.Length, fault))];

    /// <summary>Takes what a turn gave.</summary>
    public void Add(Tensor turn)
    {
        _bytes += turn.Bytes.Length;
        if (_bytes > _mostBytes) throw _fault($"collects more than {MostBytes >> 20} MB");
        _turns.Add(turn);
    }

    /// <summary>All turns.</summary>
    /// <param name="isReversed">Whether the last comes first.</param>
    public Tensor Joined(bool isReversed = false)
    {
        var (type, shape) = _turns.Count == 0 ? (_planned.Type, _planned.Shape!.Value) : (_turns[0].Type, _turns[0].Shape);
        if (_turns.Exists(t => t.Shape != shape)) throw _fault("gives tensors of different shapes at its turns");
        if (isReversed) _turns.Reverse();
        var place = AxisIn(shape.Rank + 1, _axis, _fault);
        var joined = new Shape([.. shape.Dimensions.Take(place), Dimension.Of(_turns.Count), .. shape.Dimensions.Skip(place)]);
        var rows = (int)shape.Dimensions.Take(place).Aggregate(1L, (product, d) => product * d.Length);
        var bytes = new byte[_bytes];
        for (var turn = 0; turn < _turns.Count; turn++)
        {
            var row = _turns[turn].Bytes.Length / Math.Max(1, rows);
            for (var i = 0; row > 0 && i < rows; i++)
                _turns[turn].Bytes.Span.Slice(i * row, row).CopyTo(bytes.AsSpan((i * _turns.Count + turn) * row));
        }
        return new Tensor(type, joined, bytes);
    }

    /// <summary>An axis counted from the front.</summary>
    public static int AxisIn(int rank, long axis, Func<string, CaliperException> fault) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis) : throw fault($"goes along the axis {axis} of a tensor of {rank} axes");
}
