using Caliper.Engine.Values;

namespace Caliper.Engine.Steps;

/// <summary>Moves elements of 1, 4 or 8 bytes.</summary>
internal sealed unsafe class CopyStep : Step
{
    private readonly (StridedWalk Walk, Place From, Place To)[] _parts;
    private readonly (StridedWalk Walk, Place To)? _fill;
    private readonly byte[]? _fillBytes;
    private readonly int _elementSize;
    private readonly byte _flip;

    /// <summary>Plans the move.</summary>
    /// <param name="parts">Walks over output and input, and where those begin.</param>
    /// <param name="fill">A walk over the whole output that is filled first.</param>
    /// <param name="fillBytes">One element to fill with.</param>
    /// <param name="elementSize">1, 4 or 8.</param>
    /// <param name="flipsSign">Whether the top bit of each byte is flipped.</param>
    public CopyStep(IEnumerable<(StridedWalk, Place, Place)> parts, (StridedWalk, Place)? fill, byte[]? fillBytes,
        int elementSize, bool flipsSign)
    {
        (_parts, _fill, _fillBytes, _elementSize) = ([.. parts], fill, fillBytes, elementSize);
        _flip = flipsSign ? (byte)0x80 : (byte)0;
        if (elementSize is not (1 or 4 or 8) || (fill is not null && fillBytes?.Length != elementSize))
            throw new ArgumentException("A copy moves elements of 1, 4 or 8 bytes and is filled with one of them.");
        // What is filled is written over afterwards, by the same thread.
        Units = fill is not null ? 1 : _parts.Sum(p => p.Walk.Count);
    }

    public override int Units { get; }

    public override IEnumerable<Extent> Extents
    {
        get
        {
            foreach (var (walk, from, to) in _parts)
            {
                yield return Extent.Writes(to, walk.Span(0, _elementSize));
                yield return Extent.Reads(from, walk.Span(1, _elementSize));
            }
            if (_fill is var (whole, place)) yield return Extent.Writes(place, whole.Span(0, _elementSize));
        }
    }

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[2];
        if (_fill is { } fill)
        {
            FillAll(context, fill.Walk, fill.To);
            unitEnd = _parts.Sum(p => p.Walk.Count);
        }
        var first = 0;
        foreach (var (walk, from, to) in _parts)
        {
            for (var i = Math.Max(unitStart - first, 0); i < Math.Min(unitEnd - first, walk.Count); i++)
            {
                var count = walk.Run(i, offsets);
                Copy(context.At(to) + offsets[0], context.At(from) + offsets[1], count, walk.RunStrides[0], walk.RunStrides[1]);
            }
            first += walk.Count;
        }
    }

    private void Copy(byte* to, byte* from, int count, long toStride, long fromStride)
    {
        if (_flip == 0 && toStride == _elementSize && fromStride == _elementSize)
            new ReadOnlySpan<byte>(from, count * _elementSize).CopyTo(new Span<byte>(to, count * _elementSize));
        else if (_elementSize == 1)
            for (var i = 0; i < count; i++, to += toStride, from += fromStride) *to = (byte)(*from ^ _flip);
        else if (_elementSize == 8)
            for (var i = 0; i < count; i++, to += toStride, from += fromStride) *(ulong*)to = *(ulong*)from;
        else
            for (var i = 0; i < count; i++, to += toStride, from += fromStride) *(uint*)to = *(uint*)from;
    }

    private void FillAll(in StepContext context, StridedWalk walk, Place place)
    {
        Span<long> offset = stackalloc long[1];
        for (var i = 0; i < walk.Count; i++)
        {
            var count = walk.Run(i, offset);
            var to = context.At(place) + offset[0];
            if (_elementSize == 1 && walk.RunStrides[0] == 1) new Span<byte>(to, count).Fill(_fillBytes![0]);
            else
                for (var k = 0; k < count; k++, to += walk.RunStrides[0])
                    for (var b = 0; b < _elementSize; b++) to[b] = _fillBytes![b];
        }
    }
}
