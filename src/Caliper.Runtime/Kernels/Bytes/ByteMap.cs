using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Bytes;

/// <summary>
/// Blocks of bytes side by side, each byte of which is read from a place of its own, the same in every block: channels that change places within
/// each pixel, or pixels that are put together of a few neighbours. Where the processor has VBMI, 64 bytes are looked up at once in two or four
/// windows of 64; where it has other vectors, 16 bytes in up to four windows of 16.
/// </summary>
internal sealed unsafe class ByteMap
{
    private const int MostBlocks = 16, MostWindows = 4, WideWidth = 64, NarrowWidth = 16;

    private static readonly bool IsWide = Avx512Vbmi.IsSupported;
    private static readonly int Width = IsWide ? WideWidth : NarrowWidth;

    private readonly int[] _places;
    private readonly long _fromStride, _toStride, _reach;
    private readonly int _group;
    private readonly Piece[] _pieces = [];

    /// <summary>One vector of the result: where it lies, the windows that it is read from, and which byte of which. Of narrow ones the quarters of
    /// <c>First</c> say which byte of each window, and are beyond its end for bytes of another.</summary>
    private readonly record struct Piece(
        int To, long A, long B, long C, long D, Vector512<byte> First, Vector512<byte> Second, Vector512<byte> IsSecond, bool HasSecond);

    /// <summary>Plans the reading.</summary>
    /// <param name="places">For each byte of a block where it is read, from 0 on.</param>
    /// <param name="fromStride">Bytes from where one block is read to where the next one is.</param>
    /// <param name="toStride">Bytes from one block to the next.</param>
    public ByteMap(int[] places, long fromStride, long toStride)
    {
        (_places, _fromStride, _toStride) = (places, fromStride, toStride);
        FromBytes = places.Max() + 1;
        if (!IsWide && !Ssse3.IsSupported) return;
        var isDense = toStride == places.Length;
        // As few vectors for a byte as there can be.
        var best = Enumerable.Range(1, isDense ? MostBlocks : 1).Select(blocks => (Blocks: blocks, Pieces: PiecesOf(blocks)))
            .Where(p => p.Pieces is not null).DefaultIfEmpty().MinBy(p => p.Pieces is null ? 0 : p.Pieces.Length / (double)p.Blocks);
        if (best.Pieces is null) return;
        (_group, _pieces) = best;
        _reach = _pieces.Max(p => Math.Max(Math.Max(p.A, p.B), Math.Max(p.C, p.D))) + Width;
    }

    /// <summary>Bytes from the first that is read of a block to the last.</summary>
    public int FromBytes { get; }

    /// <summary>Bytes of a block.</summary>
    public int Bytes => _places.Length;

    /// <summary>Whether it is done in vectors.</summary>
    public bool IsFast => _group > 0;

    /// <summary>Writes blocks; nothing beside them is written, and nothing read but what lies between the first byte and the last.</summary>
    public void Copy(byte* from, byte* to, int blocks, byte flip)
    {
        var done = _group > 0 && blocks >= _group ? Vectors(from, to, blocks, flip) : 0;
        for (; done < blocks; done++)
            for (var j = 0; j < _places.Length; j++) to[done * _toStride + j] = (byte)(from[done * _fromStride + _places[j]] ^ flip);
    }

    private int Vectors(byte* from, byte* to, int blocks, byte flip)
    {
        var end = from + (blocks - 1) * _fromStride + FromBytes;
        var block = 0;
        for (; block < blocks; block += _group)
        {
            // The last ones once more where no whole group is left.
            if (block > blocks - _group) block = blocks - _group;
            var source = from + block * _fromStride;
            if (source + _reach > end) return block;
            var target = to + block * _toStride;
            foreach (ref readonly var piece in _pieces.AsSpan())
            {
                if (IsWide) (Wide(piece, source) ^ Vector512.Create(flip)).Store(target + piece.To);
                else (Narrow(piece, source) ^ Vector128.Create(flip)).Store(target + piece.To);
            }
        }
        return blocks;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Wide(in Piece piece, byte* source)
    {
        var bytes = Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(source + piece.A), piece.First, Vector512.Load(source + piece.B));
        return !piece.HasSecond ? bytes : Vector512.ConditionalSelect(piece.IsSecond,
            Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(source + piece.C), piece.Second, Vector512.Load(source + piece.D)), bytes);
    }

    /// <summary>A shuffle gives 0 for what is in another window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(in Piece piece, byte* source)
    {
        var (low, high) = (piece.First.GetLower(), piece.First.GetUpper());
        var bytes = Ssse3.Shuffle(Vector128.Load(source + piece.A), low.GetLower()) | Ssse3.Shuffle(Vector128.Load(source + piece.B), low.GetUpper());
        return !piece.HasSecond ? bytes : bytes
            | Ssse3.Shuffle(Vector128.Load(source + piece.C), high.GetLower()) | Ssse3.Shuffle(Vector128.Load(source + piece.D), high.GetUpper());
    }

    /// <summary>The vectors of so many blocks: side by side, the last one as far back as it fits. Null where they are too short, or need too many
    /// windows.</summary>
    private Piece[]? PiecesOf(int blocks)
    {
        var bytes = blocks * _places.Length;
        if (bytes < Width) return null;
        var span = (blocks - 1) * _fromStride + FromBytes;
        var pieces = new List<Piece>();
        for (var at = 0; at < bytes; at += Width)
        {
            var to = Math.Min(at, bytes - Width);
            var read = Enumerable.Range(to, Width).Select(j => j / _places.Length * _fromStride + _places[j % _places.Length]).ToArray();
            if (PieceOf(to, read, span) is not { } piece) return null;
            pieces.Add(piece);
        }
        return [.. pieces];
    }

    private static Piece? PieceOf(int to, long[] read, long span)
    {
        var windows = new List<long>();
        foreach (var place in read.Order())
        {
            if (windows.Count > 0 && place < windows[^1] + Width) continue;
            // As far back as it must be for reading nothing behind the blocks.
            windows.Add(Math.Max(0, Math.Min(place, span - Width)));
        }
        if (windows.Count > MostWindows) return null;
        var (first, second, isSecond) = (new byte[WideWidth], new byte[WideWidth], new byte[WideWidth]);
        if (!IsWide) first.AsSpan().Fill(byte.MaxValue);
        for (var i = 0; i < Width; i++)
        {
            var window = windows.FindLastIndex(w => w <= read[i]);
            var place = (int)(read[i] - windows[window]);
            if (!IsWide) first[window * Width + i] = (byte)place;
            else if (window < 2) first[i] = (byte)(window * Width + place);
            else (second[i], isSecond[i]) = ((byte)((window - 2) * Width + place), byte.MaxValue);
        }
        return new Piece(to, windows[0], At(1), At(2), At(3), Vector512.Create(first), Vector512.Create(second), Vector512.Create(isSecond),
            windows.Count > 2);

        // A window that is not needed is another one, which is read anyway.
        long At(int i) => windows[Math.Min(i, windows.Count - 1)];
    }
}
