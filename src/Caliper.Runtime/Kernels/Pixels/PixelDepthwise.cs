using System.Runtime.CompilerServices;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>A convolution of each channel by itself: a sum begins with the bias and takes one product after the other, fused, of the taps inside
/// of the image. A unit is a row of the output.</summary>
internal sealed unsafe class PixelDepthwise : PixelKernel
{
    private readonly Window _window;
    private readonly NativeBuffer _weights;
    private readonly int _taps;

    /// <summary>Packs the weights, which are channel × window row × window column.</summary>
    public PixelDepthwise(Window window, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, int channels, KernelResources resources)
    {
        (_window, _taps) = (window, window.KernelHeight * window.KernelWidth);
        _weights = resources.Own(new NativeBuffer((_taps + 1L) * channels * sizeof(float)));
        var packed = _weights.Span<float>();
        for (var channel = 0; channel < channels; channel++)
        {
            for (var tap = 0; tap < _taps; tap++) packed[tap * channels + channel] = weights[channel * _taps + tap];
            packed[_taps * channels + channel] = bias.IsEmpty ? 0 : bias[channel];
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
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (image, y) = Math.DivRem(unit, Output.Height);
            var rows = PixelTaps.OfRow(_window, y, Input.Height);
            for (var x = 0; x < Output.Width; x++)
            {
                var columns = PixelTaps.OfColumn(_window, x, Input.Width);
                var work = new Sums
                {
                    From = input + Input.At(image, rows.At + rows.First * _window.DilationY, columns.At + columns.First * _window.DilationX),
                    To = (float*)(output + Output.At(image, y, x)),
                    Weights = (float*)_weights.Start + (rows.First * _window.KernelWidth + columns.First) * (long)Input.Channels,
                    Bias = (float*)_weights.Start + (long)_taps * Input.Channels,
                    Rows = rows.End - rows.First,
                    Columns = columns.End - columns.First,
                    RowStep = (long)_window.DilationY * Input.Strides.Row,
                    ColumnStep = (long)_window.DilationX * Input.Strides.Pixel,
                    TapStep = Input.Channels,
                    RowTaps = (long)_window.KernelWidth * Input.Channels,
                };
                Channels.Each(work, Input.Channels, Set);
            }
        }
    }

    private struct Sums : IChannels
    {
        public byte* From;
        public float* To, Weights, Bias;
        public int Rows, Columns;
        public long RowStep, ColumnStep, TapStep, RowTaps;

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
            T.Store(sum, To + channel);
        }
    }
}
