using System.Runtime.CompilerServices;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>
/// A convolution as products of matrices: six pixels are the rows, 32 output channels the columns, and the channels of a tap what is summed
/// over. A sum begins with the bias and takes one product after the other, fused: along rows and columns of the window, and input
/// channels. Padding is 0. Nothing is rearranged: a row is where its pixel's channels lie, or, inside of the image, those of a row of the
/// window. A unit is some pixels, a block 32 channels.
/// </summary>
internal sealed unsafe class PixelConvolution : PixelKernel
{
    private const int GroupsPerUnit = 4, Rows = FloatProducts.Rows, PixelsPerUnit = GroupsPerUnit * Rows, Columns = FloatProducts.Columns;

    private readonly Window _window;
    private readonly int _groups, _perIn, _perOut, _taps;
    private readonly NativeBuffer _weights, _bias, _zeros;

    /// <summary>Packs the weights.</summary>
    public PixelConvolution(FloatLayer layer, KernelResources resources)
    {
        (_window, _groups) = (layer.Window, layer.Groups);
        (_perIn, _perOut) = (layer.Channels.Inputs / _groups, layer.Channels.Outputs / _groups);
        _taps = _window.KernelHeight * _window.KernelWidth;
        _weights = resources.Model.Once(layer.Weights, (nameof(PixelConvolution), _groups), () => Packed(layer.Weights.Span<float>(),
            resources.Model.Own(new NativeBuffer(Blocks * FloatsPerBlock * sizeof(float)))));
        _bias = resources.Own(new NativeBuffer((long)Blocks * Columns * sizeof(float)));
        _zeros = resources.Own(new NativeBuffer(ZerosBytes));
        for (var output = 0; output < layer.Bias.Length; output++)
        {
            var (block, column) = ColumnOf(output);
            _bias.Span<float>()[block * Columns + column] = layer.Bias[output];
        }
    }

    public override string Name => FloatProducts.All.Choose(Set).Name;

    public override int Units => Sizes.CeilDiv(checked(Output.Images * Output.Height * Output.Width), PixelsPerUnit);

    public override int Blocks => _groups * BlocksPerGroup;

    public override int ScratchBytes => checked(SumsBytes + PixelsPerUnit * (_taps + 1) * sizeof(float*));

    public override long WeightBytes => _weights.Length + _bias.Length;

    public override IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("weights", _weights, Blocks * FloatsPerBlock * sizeof(float)),
        ConstantReach.Of("biases", _bias, (long)Blocks * Columns * sizeof(float)),
        ConstantReach.Of("zeros", _zeros, ZerosBytes),
    ];

    private static int SumsBytes => Rows * Columns * sizeof(float);

    // What is read instead of a row of the window, or of the channels of a pixel, of whichever group.
    private long ZerosBytes => (long)Math.Max(_window.KernelWidth, _groups) * _perIn * sizeof(float);

    private long FloatsPerBlock => (long)_taps * _perIn * Columns;

    private int BlocksPerGroup => Sizes.CeilDiv(_perOut, Columns);

    private bool AreFewWeights => Blocks * FloatsPerBlock * sizeof(float) <= 16_384;

    // Each pixel is made of one, and all follow each other without a gap. A phase of a transposed convolution may leave rows or pixels unread.
    private bool IsLinear => _window is { KernelHeight: 1, KernelWidth: 1, StrideX: 1, StrideY: 1, Top: 0, Left: 0, Bottom: 0, Right: 0 }
        && Input.IsLinear && Output.IsLinear && (Input.Height, Input.Width) == (Output.Height, Output.Width);

    // The pixels of a row of the window follow each other without a gap.
    private bool HasWholeRows => _groups == 1 && _window.DilationX == 1 && Input.Strides.Pixel == _perIn * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* input, byte* output, byte* scratch, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var pixels = Output.Images * Output.Height * Output.Width;
        var groups = stackalloc PixelGroup[GroupsPerUnit];
        var own = stackalloc float*[Rows];
        for (var r = 0; r < Rows; r++) own[r] = (float*)scratch + r * Columns;
        var tile = new ProductTile { Step = 1, Bounds = Bounds };
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var first = unit * PixelsPerUnit;
            var count = Sizes.CeilDiv(Math.Min(PixelsPerUnit, pixels - first), Rows);
            for (var group = 0; group < count; group++, first += Rows)
            {
                ref var found = ref groups[group];
                found.Count = Math.Min(Rows, pixels - first);
                found.To = (float**)(scratch + SumsBytes) + (long)group * Rows * (_taps + 1);
                found.Rows = found.To + Rows;
                if (IsLinear) FindLinear(input, output, first, ref found);
                else Find(input, output, first, ref found);
            }
            // The weights of a block are in the second cache while all pixels of the unit meet them; few weights stay in the first one, and
            // pixels are written whole.
            var (outer, inner) = AreFewWeights ? (count, 1) : (1, count);
            for (var from = 0; from < outer; from++)
                for (var block = blockStart; block < blockEnd; block++)
                    Block(ref tile, groups + from, inner, block, own);
        }
    }

    private void FindLinear(byte* input, byte* output, int pixel, ref PixelGroup group)
    {
        (group.Taps, group.Inner) = (1, _perIn);
        for (var r = 0; r < Rows; r++)
        {
            // Rows that there are not compute the last one again, for nobody.
            var at = (long)pixel + Math.Min(r, group.Count - 1);
            group.Rows[r] = (float*)(input + at * Input.Strides.Pixel);
            group.To[r] = (float*)(output + at * Output.Strides.Pixel);
        }
    }

    /// <summary>Where the rows of the windows of some pixels lie: whole rows where all are inside of the image, else pixel by pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Find(byte* input, byte* output, int pixel, ref PixelGroup group)
    {
        var (row, x) = Math.DivRem(pixel, Output.Width);
        var (image, y) = Math.DivRem(row, Output.Height);
        var left = x * _window.StrideX - _window.Left;
        if (HasWholeRows && left >= 0 && x + group.Count <= Output.Width
            && left + (group.Count - 1) * _window.StrideX + _window.KernelWidth <= Input.Width)
        {
            FindInRow(input + Input.At(image, 0, left), output + Output.At(image, y, x), y * _window.StrideY - _window.Top, ref group);
            return;
        }
        (group.Taps, group.Inner) = (_taps, _perIn);
        for (var r = 0; r < Rows; r++)
        {
            if (r > 0 && r < group.Count && ++x == Output.Width)
            {
                x = 0;
                if (++y == Output.Height) (image, y) = (image + 1, 0);
            }
            group.To[r] = (float*)(output + Output.At(image, y, x));
            var (top, start) = (y * _window.StrideY - _window.Top, x * _window.StrideX - _window.Left);
            var to = group.Rows + r;
            for (var ky = 0; ky < _window.KernelHeight; ky++)
            {
                var iy = top + ky * _window.DilationY;
                var isInside = (uint)iy < (uint)Input.Height;
                var from = input + Input.At(image, iy, start);
                for (var (kx, ix) = (0, start); kx < _window.KernelWidth; kx++, ix += _window.DilationX, to += Rows)
                {
                    *to = (float*)(isInside && (uint)ix < (uint)Input.Width ? from : _zeros.Start);
                    from += (long)_window.DilationX * Input.Strides.Pixel;
                }
            }
        }
    }

    /// <summary>The same of pixels of one row whose windows are inside of the image, but for their rows.</summary>
    private void FindInRow(byte* from, byte* output, int top, ref PixelGroup group)
    {
        (group.Taps, group.Inner) = (_window.KernelHeight, _window.KernelWidth * _perIn);
        var (step, last) = ((long)_window.StrideX * Input.Strides.Pixel, group.Count - 1);
        for (var r = 0; r < Rows; r++) group.To[r] = (float*)(output + (long)Math.Min(r, last) * Output.Strides.Pixel);
        for (var (ky, iy, to) = (0, top, (nint)group.Rows); ky < _window.KernelHeight; ky++, iy += _window.DilationY, to += Rows * sizeof(nint))
        {
            var isInside = (uint)iy < (uint)Input.Height;
            var start = isInside ? from + (long)iy * Input.Strides.Row : _zeros.Start;
            for (var r = 0; r < Rows; r++) ((byte**)to)[r] = isInside ? start + Math.Min(r, last) * step : start;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Block(ref ProductTile tile, PixelGroup* pixels, int count, int block, float** own)
    {
        var kernel = FloatProducts.For(Set);
        var (group, ofGroup) = _groups == 1 ? (0, block) : Math.DivRem(block, BlocksPerGroup);
        var (channels, first) = (Math.Min(Columns, _perOut - ofGroup * Columns), (long)group * _perOut + ofGroup * Columns);
        // Columns that there are not would be the next pixel's channels.
        var isWhole = channels is Columns or FloatProducts.HalfColumns;
        tile.Offset = (long)group * _perIn;
        tile.Panel = (float*)_weights.Start + block * FloatsPerBlock;
        tile.Start = (float*)_bias.Start + (long)block * Columns;
        tile.ToOffset = isWhole ? first : 0;
        tile.IsHalf = channels <= FloatProducts.HalfColumns;
        for (var last = pixels + count; pixels < last; pixels++)
        {
            (tile.Taps, tile.Inner, tile.Count) = (pixels->Taps, pixels->Inner, pixels->Count);
            tile.Rows = pixels->Rows;
            tile.To = isWhole ? pixels->To : own;
            fixed (ProductTile* at = &tile) kernel(at);
            for (var r = 0; r < pixels->Count && !isWhole; r++)
                new ReadOnlySpan<float>(own[r], channels).CopyTo(new Span<float>(pixels->To[r] + first, channels));
        }
    }

    private (int Block, int Column) ColumnOf(int output)
    {
        var (group, own) = Math.DivRem(output, _perOut);
        return (group * BlocksPerGroup + own / Columns, own % Columns);
    }

    // Runs once, over every weight: compiled at once rather than after it is known to be slow.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private NativeBuffer Packed(ReadOnlySpan<float> weights, NativeBuffer buffer)
    {
        var packed = buffer.Span<float>();
        for (var output = 0; output < _groups * _perOut; output++)
        {
            var (block, column) = ColumnOf(output);
            for (var input = 0; input < _perIn; input++)
                for (var tap = 0; tap < _taps; tap++)
                    packed[((block * _taps + tap) * _perIn + input) * Columns + column] = weights[(output * _perIn + input) * _taps + tap];
        }
        return buffer;
    }

    /// <summary>Six pixels: where their windows are read, tap by tap, and where they are written.</summary>
    private struct PixelGroup
    {
        public float** Rows, To;
        public int Taps, Inner, Count;
    }
}
