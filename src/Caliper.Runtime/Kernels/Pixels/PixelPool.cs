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
        public readonly void At<T>(int channel) where T : struct, ILanes<T> =>
            T.Store(Share == 0 ? Greatest<T>(From + channel * sizeof(float)) : Sum<T>(From + channel * sizeof(float)) / T.Of(Share), To + channel);

        // A row by itself: the next one's need not wait for it.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly T Greatest<T>(byte* from) where T : struct, ILanes<T>
        {
            var greatest = T.Of(float.NegativeInfinity);
            if (Columns == 0) return greatest;
            for (var row = 0; row < Rows; row++, from += RowStep)
            {
                var first = T.Load((float*)from);
                if (Columns == 3)
                    first = T.Max(T.Max(first, T.Load((float*)(from + ColumnStep))), T.Load((float*)(from + 2 * ColumnStep)));
                else
                    for (var column = 1; column < Columns; column++) first = T.Max(first, T.Load((float*)(from + column * ColumnStep)));
                greatest = T.Max(greatest, first);
            }
            return greatest;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly T Sum<T>(byte* from) where T : struct, ILanes<T>
        {
            var sum = T.Of(0);
            for (var row = 0; row < Rows; row++, from += RowStep)
                for (var column = 0; column < Columns; column++)
                    sum += T.Load((float*)(from + column * ColumnStep));
            return sum;
        }
    }
}
