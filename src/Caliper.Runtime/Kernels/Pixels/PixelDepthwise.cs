using System.Runtime.CompilerServices;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>A convolution of each channel by itself: a sum begins with the bias and takes one product after the other, fused, of the taps inside
/// of the image. A unit is a row of the output.</summary>
internal sealed unsafe class PixelDepthwise : PixelKernel
{
    private const int Pixels = 4;

    private readonly Window _window;
    private readonly NativeBuffer _weights;
    private readonly int _taps;

    /// <summary>Packs the weights.</summary>
    public PixelDepthwise(FloatLayer layer, KernelResources resources)
    {
        (_window, _taps) = (layer.Window, layer.Window.KernelHeight * layer.Window.KernelWidth);
        var (channels, weights) = (layer.Groups, layer.Weights.Span<float>().ToArray());
        _weights = resources.Own(new NativeBuffer((_taps + 1L) * channels * sizeof(float)));
        var packed = _weights.Span<float>();
        for (var channel = 0; channel < channels; channel++)
        {
            for (var tap = 0; tap < _taps; tap++) packed[tap * channels + channel] = weights[channel * _taps + tap];
            packed[_taps * channels + channel] = layer.Bias.Length == 0 ? 0 : layer.Bias[channel];
        }
    }

    public override string Name => FloatVectors.NameFor(Set);

    public override int Units => Output.Images * Output.Height;

    public override long WeightBytes => _weights.Length;

    public override IEnumerable<ConstantReach> Constants =>
        [ConstantReach.Of("weights", _weights, (_taps + 1L) * Input.Channels * sizeof(float))];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* input, byte* output, byte* scratch, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        // Pixels whose windows have all columns inside of the image, four of which go at a time.
        var span = (_window.KernelWidth - 1) * _window.DilationX;
        var (first, end) = FloatWindows.Inside(-_window.Left, _window.StrideX, Input.Width - span, Output.Width);
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (image, y) = Math.DivRem(unit, Output.Height);
            var rows = PixelTaps.OfRow(_window, y, Input.Height);
            for (var x = 0; x < Output.Width; x++)
            {
                var sums = At(input, output, image, rows, (y, x));
                if (x < first || x + Pixels > end)
                {
                    Channels.Each(sums, Input.Channels, Set);
                    continue;
                }
                Row(sums, end - x);
                x = end - 1;
            }
        }
    }

    /// <summary>Some pixels, four or more of them: the last four are reckoned from the end, some of them once more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row(in Sums first, int count)
    {
        var four = new FourSums { One = first };
        for (var x = 0; x < count; x += Pixels)
        {
            var at = Math.Min(x, count - Pixels);
            four.One.From = first.From + at * first.NextFrom;
            four.One.To = first.To + at * first.NextTo;
            Channels.Each(four, Input.Channels, Set);
        }
    }

    private Sums At(byte* input, byte* output, int image, PixelTaps rows, (int Y, int X) pixel)
    {
        var columns = PixelTaps.OfColumn(_window, pixel.X, Input.Width);
        return new Sums
        {
            From = input + Input.At(image, rows.At + rows.First * _window.DilationY, columns.At + columns.First * _window.DilationX),
            To = output + Output.At(image, pixel.Y, pixel.X),
            Weights = (float*)_weights.Start + (rows.First * _window.KernelWidth + columns.First) * (long)Input.Channels,
            Bias = (float*)_weights.Start + (long)_taps * Input.Channels,
            Rows = rows.End - rows.First,
            Columns = columns.End - columns.First,
            RowStep = (long)_window.DilationY * Input.Strides.Row,
            ColumnStep = (long)_window.DilationX * Input.Strides.Pixel,
            TapStep = Input.Channels,
            RowTaps = (long)_window.KernelWidth * Input.Channels,
            NextFrom = (long)_window.StrideX * Input.Strides.Pixel,
            NextTo = Output.Strides.Pixel,
            Bounds = Bounds,
        };
    }

    private struct Sums : IChannels
    {
        public byte* From, To;
        public float* Weights, Bias;
        public int Rows, Columns;
        public long RowStep, ColumnStep, TapStep, RowTaps, NextFrom, NextTo;
        public FloatBounds Bounds;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(int channel) where T : struct, ILanes<T>
        {
            var sum = T.Load(Bias + channel);
            for (var row = 0; row < Rows; row++)
            {
                var from = From + row * RowStep;
                var weight = Weights + row * RowTaps + channel;
                for (var column = 0; column < Columns; column++, from += ColumnStep, weight += TapStep)
                    sum = T.Fma(T.Load((float*)from + channel), T.Load(weight), sum);
            }
            T.Store(Bounds.Of(sum), (float*)To + channel);
        }
    }

    /// <summary>A pixel and the three after it, which meet a weight while it is in a register.</summary>
    private struct FourSums : IChannels
    {
        public Sums One;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(int channel) where T : struct, ILanes<T>
        {
            var (next, offset) = (One.NextFrom, channel * (long)sizeof(float));
            var (columns, columnStep, tapStep) = (One.Columns, One.ColumnStep, One.TapStep);
            var a = T.Load(One.Bias + channel);
            var (b, c, d) = (a, a, a);
            for (var row = 0; row < One.Rows; row++)
            {
                var from = One.From + row * One.RowStep + offset;
                var weight = One.Weights + row * One.RowTaps + channel;
                for (var column = 0; column < columns; column++, from += columnStep, weight += tapStep)
                {
                    var w = T.Load(weight);
                    a = T.Fma(T.Load((float*)from), w, a);
                    b = T.Fma(T.Load((float*)(from + next)), w, b);
                    c = T.Fma(T.Load((float*)(from + 2 * next)), w, c);
                    d = T.Fma(T.Load((float*)(from + 3 * next)), w, d);
                }
            }
            var to = One.To + offset;
            T.Store(One.Bounds.Of(a), (float*)to);
            T.Store(One.Bounds.Of(b), (float*)(to + One.NextTo));
            T.Store(One.Bounds.Of(c), (float*)(to + 2 * One.NextTo));
            T.Store(One.Bounds.Of(d), (float*)(to + 3 * One.NextTo));
        }
    }
}
