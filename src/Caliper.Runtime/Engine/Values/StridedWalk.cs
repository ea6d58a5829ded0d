namespace Caliper.Engine.Values;

/// <summary>
/// A walk over a box of several tensors at once, whatever their strides. Axes are put in the order in which the first tensor
/// lies in memory, and those that all tensors can step through as one are joined; the innermost is the run.
/// </summary>
internal sealed class StridedWalk
{
    // A run is cut into pieces of so many elements at most, so that one long run still gives work to several threads.
    private const int LongestRun = 16384;

    // Runs shorter than this cost more to find than to do: then the longest axis is the run, whatever its strides.
    private const int ShortRun = 16;

    // Beginnings of so many runs are kept; of more they are computed again each time.
    private const int MostKept = 4096;

    private readonly long[]? _beginnings;
    private readonly int[] _lengths;
    private readonly long[][] _strides;

    private StridedWalk(int[] lengths, long[][] strides, int runLength, long[] runStrides)
    {
        (_lengths, _strides, RunLength, RunStrides) = (lengths, strides, runLength, runStrides);
        Pieces = Sizes.CeilDiv(runLength, LongestRun);
        Count = Sizes.Product(lengths) * Pieces;
        if (Count > MostKept) return;
        var beginnings = new long[Count * runStrides.Length];
        for (var i = 0; i < Count; i++) Begin(i, beginnings.AsSpan(i * runStrides.Length, runStrides.Length));
        _beginnings = beginnings;
    }

    /// <summary>Number of runs.</summary>
    public int Count { get; }

    /// <summary>Elements of a whole run.</summary>
    public int RunLength { get; }

    /// <summary>Bytes from one element of a run to the next, for each tensor.</summary>
    public long[] RunStrides { get; }

    private int Pieces { get; }

    /// <summary>Number of elements visited.</summary>
    public long Elements => (long)Sizes.Product(_lengths) * RunLength;

    /// <summary>Plans a walk.</summary>
    /// <param name="lengths">Lengths of the box.</param>
    /// <param name="strides">For each tensor its strides in bytes; 0 where it is repeated.</param>
    public static StridedWalk Of(int[] lengths, params long[][] strides)
    {
        var joined = Joined(lengths, strides);
        var run = joined[0].Length < ShortRun ? Enumerable.Range(0, joined.Count).MaxBy(i => joined[i].Length) : 0;
        var (runLength, runStrides) = joined[run];
        var outer = joined.Where((_, i) => i != run).Reverse().ToArray();
        return new StridedWalk([.. outer.Select(o => o.Length)], [.. outer.Select(o => o.Strides)], runLength, runStrides);
    }

    /// <summary>Plans a walk over axes that <see cref="Joined"/> has put in order, for two tensors or more.</summary>
    public static StridedWalk Over(IReadOnlyList<(int Length, long[] Strides)> axes) => Of([.. axes.Select(a => a.Length).Reverse()],
        [.. Enumerable.Range(0, axes[0].Strides.Length).Select(t => axes.Select(a => a.Strides[t]).Reverse().ToArray())]);

    /// <summary>The axes of a box in the order in which the first tensor lies, the innermost first, joined where all tensors step through
    /// several as one.</summary>
    public static List<(int Length, long[] Strides)> Joined(int[] lengths, params long[][] strides)
    {
        var axes = new int[lengths.Length];
        var count = 0;
        for (var axis = lengths.Length - 1; axis >= 0; axis--)
        {
            if (lengths[axis] <= 1) continue;
            // The innermost first; of equal strides the later axis.
            var at = count++;
            for (; at > 0 && Math.Abs(strides[0][axes[at - 1]]) > Math.Abs(strides[0][axis]); at--) axes[at] = axes[at - 1];
            axes[at] = axis;
        }
        var joined = new List<(int Length, long[] Strides)>(count);
        foreach (var axis in axes.AsSpan(0, count))
        {
            if (joined.Count > 0 && joined[^1] is var (length, inner) && AreOne(axis, length, inner))
                joined[^1] = (checked(length * lengths[axis]), inner);
            else joined.Add((lengths[axis], Array.ConvertAll(strides, s => s[axis])));
        }
        if (joined.Count == 0) joined.Add((1, new long[strides.Length]));
        return joined;

        bool AreOne(int axis, int length, long[] inner)
        {
            for (var t = 0; t < inner.Length; t++) if (strides[t][axis] != inner[t] * length) return false;
            return true;
        }
    }

    /// <summary>Where a run begins, for each tensor, and how long it is.</summary>
    /// <param name="index">From 0 to <see cref="Count"/>.</param>
    /// <param name="offsets">Receives bytes from the tensor's first element of the box.</param>
    public int Run(int index, Span<long> offsets)
    {
        if (_beginnings is null) Begin(index, offsets);
        else _beginnings.AsSpan(index * RunStrides.Length, offsets.Length).CopyTo(offsets);
        return Pieces == 1 ? RunLength : Math.Min(LongestRun, RunLength - index % Pieces * LongestRun);
    }

    /// <summary>What the walk touches of a tensor whose elements have so many bytes, from the first element of the box.</summary>
    public ByteSpan Span(int tensor, int elementSize)
    {
        var axes = new (long, long)[_lengths.Length + 1];
        for (var axis = 0; axis < _lengths.Length; axis++) axes[axis] = (_lengths[axis], _strides[axis][tensor]);
        axes[^1] = (RunLength, RunStrides[tensor]);
        return ByteSpan.Of(elementSize, axes);
    }

    private void Begin(int index, Span<long> offsets)
    {
        var (rest, piece) = Math.DivRem(index, Pieces);
        for (var t = 0; t < offsets.Length; t++) offsets[t] = (long)piece * LongestRun * RunStrides[t];
        for (var axis = _lengths.Length - 1; axis >= 0; axis--)
        {
            (rest, var at) = Math.DivRem(rest, _lengths[axis]);
            for (var t = 0; t < offsets.Length; t++) offsets[t] += at * _strides[axis][t];
        }
    }
}
