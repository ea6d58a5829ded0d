using System.Runtime.CompilerServices;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>MaxPool or AveragePool; taps beyond the image do not count. A unit is a row of the output.</summary>
internal sealed unsafe class PixelPool(Window window, bool isMax, bool countsPads) : PixelKernel
{
    public override string Name => FloatVectors.NameFor(Set);

    public override int Units => Output.Images * Output.Height;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* input, byte* output, byte* scratch, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (image, y) = Math.DivRem(unit, Output.Height);
            var rows = PixelTaps.OfRow(window, y, Input.Height);
            for (var x = 0; x < Output.Width; x++)
            {
                var columns = PixelTaps.OfColumn(window, x, Input.Width);
                var inside = (rows.End - rows.First) * (columns.End - columns.First);
                var work = new Taps
                {
                    From = input + Input.At(image, rows.At + rows.First * window.DilationY, columns.At + columns.First * window.DilationX),
                    To = (float*)(output + Output.At(image, y, x)),
                    Rows = rows.End - rows.First,
                    Columns = columns.End - columns.First,
                    RowStep = (long)window.DilationY * Input.Strides.Row,
                    ColumnStep = (long)window.DilationX * Input.Strides.Pixel,
                    Share = isMax ? 0 : countsPads ? window.TapsWithPads(y, x, Input.Height, Input.Width) : Math.Max(1, inside),
                };
                Channels.Each(work, Input.Channels, Set);
            }
        }
    }

    private struct Taps : IChannels
    {
        public byte* From;
        public float* To;
        public int Rows, Columns;
        public long RowStep, ColumnStep;

        /// <summary>What a sum is divided by; 0 for the greatest.</summary>
        public float Share;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(int channel) where T : struct, ILanes<T>
        {
            var joined = T.Of(Share == 0 ? float.NegativeInfinity : 0);
            for (var row = 0; row < Rows; row++)
            {
                var from = From + row * RowStep;
                for (var column = 0; column < Columns; column++, from += ColumnStep)
                {
                    var tap = T.Load((float*)from + channel);
                    joined = Share == 0 ? T.Max(joined, tap) : joined + tap;
                }
            }
            T.Store(Share == 0 ? joined : joined / T.Of(Share), To + channel);
        }
    }
}
