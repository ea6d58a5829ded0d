using System.Runtime.CompilerServices;
using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Steps;

/// <summary>Moves elements of 1, 4 or 8 bytes.</summary>
internal sealed unsafe class CopyStep : Step
{
    private readonly CopiedBox[] _parts;
    private readonly (StridedWalk Walk, Place To)? _fill;
    private readonly byte[]? _fillBytes;
    private readonly int _elementSize;
    private readonly byte _flip;

    /// <summary>Plans the move.</summary>
    /// <param name="parts">What is moved.</param>
    /// <param name="fill">A walk over the whole output that is filled first.</param>
    /// <param name="fillBytes">One element to fill with.</param>
    /// <param name="elementSize">1, 4 or 8.</param>
    /// <param name="flipsSign">Whether the top bit of each byte is flipped.</param>
    public CopyStep(IEnumerable<CopiedBox> parts, (StridedWalk, Place)? fill, byte[]? fillBytes, int elementSize, bool flipsSign)
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
            foreach (var part in _parts)
            {
                yield return Extent.Writes(part.To, part.Walk.Span(0, part.ColumnBytes));
                yield return Extent.Reads(part.From, part.Walk.Span(1, part.FromBytes));
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
        foreach (var part in _parts)
        {
            for (var i = Math.Max(unitStart - first, 0); i < Math.Min(unitEnd - first, part.Walk.Count); i++)
            {
                var count = part.Walk.Run(i, offsets);
                Copy(part, context.At(part.To) + offsets[0], context.At(part.From) + offsets[1], count);
            }
            first += part.Walk.Count;
        }
    }

    private void Copy(CopiedBox part, byte* to, byte* from, int rows)
    {
        if (part.Map is { } map)
        {
            map.Copy(from, to, rows, _flip);
            return;
        }
        var (bytes, toStride, fromStride) = (part.ColumnBytes, part.Walk.RunStrides[0], part.Walk.RunStrides[1]);
        if (part.Columns is { } columns)
        {
            foreach (var column in columns) ByteRows.Copy(from + column.From, fromStride, to + column.To, toStride, rows, column.Bytes);
            return;
        }
        if (part.IsSideBySide) (rows, bytes) = (1, rows * bytes);
        if (_flip != 0)
            for (var row = 0; row < rows; row++)
                for (var i = 0; i < bytes; i++) to[row * toStride + i] = (byte)(from[row * fromStride + i] ^ _flip);
        else if (rows == 1) new ReadOnlySpan<byte>(from, bytes).CopyTo(new Span<byte>(to, bytes));
        else ByteRows.Copy(from, fromStride, to, toStride, rows, bytes);
    }

    private void FillAll(in StepContext context, StridedWalk walk, Place place)
    {
        Span<long> offset = stackalloc long[1];
        for (var i = 0; i < walk.Count; i++)
        {
            var count = walk.Run(i, offset);
            var to = context.At(place) + offset[0];
            switch (_elementSize)
            {
                case 1: Fill(to, walk.RunStrides[0], count, _fillBytes![0]); break;
                case sizeof(uint): Fill(to, walk.RunStrides[0], count, BitConverter.ToUInt32(_fillBytes!)); break;
                default: Fill(to, walk.RunStrides[0], count, BitConverter.ToUInt64(_fillBytes!)); break;
            }
        }
    }

    private static void Fill<T>(byte* to, long stride, int count, T element) where T : unmanaged
    {
        if (stride == sizeof(T)) new Span<T>(to, count).Fill(element);
        else for (var k = 0; k < count; k++, to += stride) Unsafe.WriteUnaligned(to, element);
    }
}
