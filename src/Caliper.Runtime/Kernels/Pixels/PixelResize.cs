using System.Runtime.CompilerServices;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>Resizing: the nearest pixel, or what lies between two rows, and then between two pixels of that. A unit is a row of the output.</summary>
internal sealed unsafe class PixelResize : PixelKernel
{
    private readonly ResampleAxis _rows, _columns;
    private readonly bool _isLinear;

    public PixelResize(ResampleAxis rows, ResampleAxis columns, bool isLinear, (int Height, int Width) input)
    {
        if (rows.Range is not { Least: >= 0, Greatest: var lastRow } || lastRow >= input.Height
            || columns.Range is not { Least: >= 0, Greatest: var lastColumn } || lastColumn >= input.Width)
            throw new ArgumentException("A resizing lies between pixels of its input.");
        (_rows, _columns, _isLinear) = (rows, columns, isLinear);
    }

    public override string Name => FloatVectors.NameFor(Set);

    public override int Units => Output.Images * Output.Height;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* input, byte* output, byte* scratch, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (image, y) = Math.DivRem(unit, Output.Height);
            var above = input + Input.At(image, _rows.Low[y], 0);
            var below = input + Input.At(image, _rows.High[y], 0);
            var to = output + Output.At(image, y, 0);
            for (var x = 0; x < Output.Width; x++, to += Output.Strides.Pixel)
            {
                var (left, right) = ((long)_columns.Low[x] * Input.Strides.Pixel, (long)_columns.High[x] * Input.Strides.Pixel);
                if (!_isLinear) Channels.Each(new Copy { From = (float*)(above + left), To = (float*)to }, Output.Channels, Set);
                else Channels.Each(new Between
                {
                    AboveLeft = (float*)(above + left),
                    AboveRight = (float*)(above + right),
                    BelowLeft = (float*)(below + left),
                    BelowRight = (float*)(below + right),
                    Down = _rows.Weight[y],
                    Aside = _columns.Weight[x],
                    To = (float*)to,
                }, Output.Channels, Set);
            }
        }
    }

    private struct Copy : IChannels
    {
        public float* From, To;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(int channel) where T : struct, ILanes<T> => T.Store(T.Load(From + channel), To + channel);
    }

    private struct Between : IChannels
    {
        public float* AboveLeft, AboveRight, BelowLeft, BelowRight, To;
        public float Down, Aside;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(int channel) where T : struct, ILanes<T>
        {
            var (up, down) = (T.Of(1 - Down), T.Of(Down));
            var left = T.Load(AboveLeft + channel) * up + T.Load(BelowLeft + channel) * down;
            var right = T.Load(AboveRight + channel) * up + T.Load(BelowRight + channel) * down;
            T.Store(left * T.Of(1 - Aside) + right * T.Of(Aside), To + channel);
        }
    }
}
