using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>
/// Where the pixels of an image lie, group after group as assembled code reads them: for each tile the offset of its first pixel's first
/// tap, in 8 bytes; then for each pixel the offset of its output, in 4 bytes, and that of the residual's other operand. Pixels that are
/// not stored have a negative one.
/// </summary>
internal sealed class GroupTable
{
    /// <summary>The offset of a pixel that is not stored.</summary>
    public const int Skipped = -1;

    private readonly int[] _firstPixels;
    private readonly byte[] _bytes;
    private NativeBuffer? _memory;

    public GroupTable(ConvolutionShape shape, AmxPlan plan, bool hasResidual)
    {
        Layout = new GroupLayout(plan.Tiles, plan.Rows, hasResidual);
        _bytes = new byte[checked(plan.Groups * Layout.ByteCount)];
        _firstPixels = new int[plan.Groups + 1];
        var tiles = plan.TilesOfImage;
        for (var slot = 0; slot < plan.Groups * plan.Tiles; slot++)
        {
            var (group, tile) = Math.DivRem(slot, plan.Tiles);
            // A group that is not full computes the last tile again.
            var bytes = _bytes.AsSpan(group * Layout.ByteCount, Layout.ByteCount);
            var stored = Write(shape, plan, Math.Min(slot, tiles - 1), slot >= tiles, bytes, tile);
            _firstPixels[group + 1] = (tile == 0 ? _firstPixels[group] : _firstPixels[group + 1]) + stored;
            HasSkipped |= stored < plan.Rows;
        }
    }

    /// <summary>How a group lies.</summary>
    public GroupLayout Layout { get; }

    /// <summary>Whether any pixel is not stored.</summary>
    public bool HasSkipped { get; }

    /// <summary>The groups.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The groups where assembled code reads them.</summary>
    public unsafe byte* Start(KernelResources resources)
    {
        if (_memory is null)
        {
            _memory = resources.Own(new NativeBuffer(_bytes.Length));
            _bytes.CopyTo(_memory.Span<byte>());
        }
        return _memory.Start;
    }

    /// <summary>Pixels stored before each group, and of all.</summary>
    public int FirstPixelOf(int group) => _firstPixels[group];

    // Returns how many pixels are stored. Runs for every tile of a large image: compiled at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Write(ConvolutionShape shape, AmxPlan plan, int tile, bool isAgain, Span<byte> group, int tileOfGroup)
    {
        var (line, tileOfLine) = Math.DivRem(tile, plan.Line.TilesOf(plan.Rows));
        var first = Math.Min(tileOfLine * plan.Rows, plan.Line.Length - plan.Rows);
        var stored = 0;
        for (var i = 0; i < plan.Rows; i++)
        {
            var position = first + i;
            var (row, x) = Math.DivRem(position, plan.Line.RowPitch);
            // What the tile before has stored, and what lies between rows.
            var isSkipped = isAgain || position < tileOfLine * plan.Rows || x >= shape.OutputWidth;
            var y = line + row;
            var pixel = tileOfGroup * plan.Rows + i;
            Write(group, Layout.Output(pixel), isSkipped ? Skipped : At(shape.Output));
            if (Layout.HasResidual) Write(group, Layout.Residual(pixel), isSkipped ? Skipped : At(shape.Residual));
            if (!isSkipped) stored++;

            int At(PlaneStrides plane) => checked((int)((long)y * plane.Row + (long)x * plane.Pixel));
        }
        var input = (long)line * shape.StrideY * shape.Input.Row + (long)first * shape.StrideX * shape.Input.Pixel;
        MemoryMarshal.Write(group[Layout.Input(tileOfGroup)..], input);
        return stored;
    }

    private static void Write(Span<byte> group, int at, int offset) => MemoryMarshal.Write(group[at..], offset);
}

/// <summary>Where the parts of a group lie in its table.</summary>
internal readonly record struct GroupLayout(int Tiles, int Rows, bool HasResidual)
{
    private int Outputs => sizeof(long) * Tiles;

    /// <summary>The offset of a tile's input.</summary>
    public int Input(int tile) => sizeof(long) * tile;

    /// <summary>The offset of a pixel's output.</summary>
    public int Output(int pixel) => Outputs + sizeof(int) * pixel;

    /// <summary>The offset of the residual's other operand.</summary>
    public int Residual(int pixel) => Outputs + sizeof(int) * (Tiles * Rows + pixel);

    /// <summary>Bytes of a group.</summary>
    public int ByteCount => (Residual(HasResidual ? Tiles * Rows : 0) + 7) / 8 * 8;
}

/// <summary>The tables of a session, shared by layers whose pixels lie alike.</summary>
internal sealed class GroupTableCache : IDisposable
{
    private readonly Dictionary<(ConvolutionShape, AmxPlan, bool), GroupTable> _made = [];

    /// <summary>The table of a layer, made at the first call.</summary>
    public GroupTable Get(ConvolutionShape shape, AmxPlan plan, bool hasResidual)
    {
        // Neither channels nor the window change where pixels lie.
        var alike = shape with
        {
            Images = 1,
            InputChannels = 0,
            OutputChannels = 0,
            KernelHeight = 0,
            KernelWidth = 0,
            DilationY = 0,
            DilationX = 0,
        };
        var key = (hasResidual ? alike : alike with { Residual = default }, plan with { Vectors = 0 }, hasResidual);
        if (!_made.TryGetValue(key, out var table)) _made.Add(key, table = new GroupTable(shape, plan, hasResidual));
        return table;
    }

    public void Dispose() => _made.Clear();
}
