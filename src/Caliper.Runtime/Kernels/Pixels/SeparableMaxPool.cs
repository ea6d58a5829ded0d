using System.Runtime.CompilerServices;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>
/// MaxPool along the rows first and then across them: so many taps as a window is wide and high, and not as many as it has pixels. The taps meet in
/// the order of the whole window, so that of several that are no number the same one stays. A unit is a row of the output, a block some channels.
/// </summary>
internal sealed unsafe class SeparableMaxPool(Window window) : PixelKernel
{
    private const int ChannelsPerBlock = 16, MostScratchBytes = 1 << 20;

    public override string Name => FloatVectors.NameFor(Set);

    public override int Units => Output.Images * Output.Height;

    public override int Blocks => Sizes.CeilDiv(Output.Channels, ChannelsPerBlock);

    // The taps of each column lie in the row after the ring's.
    public override int ScratchBytes => (int)((RowsOf(window, Input) + 1) * RowBytes(Output));

    // Rows that wait for the windows they are in, one after the other in a ring.
    private static long RowsOf(Window window, PixelImage input) => Math.Min(input.Height, (window.KernelHeight - 1L) * window.DilationY + 1);

    private static long RowBytes(PixelImage output) => (long)ChannelsPerBlock * sizeof(float) * output.Width;

    /// <summary>Whether it takes fewer taps than the whole window has, and its rows stay near the processor.</summary>
    public static bool Suits(Window window, PixelImage input, PixelImage output) =>
        (long)window.KernelWidth * window.StrideY + window.KernelHeight < (long)window.KernelWidth * window.KernelHeight
        && RowsOf(window, input) < MostScratchBytes / Math.Max(1, RowBytes(output));

    public override void Run(byte* input, byte* output, byte* scratch, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var columns = (PixelTaps*)(scratch + RowsOf(window, Input) * RowBytes(Output));
        for (var x = 0; x < Output.Width; x++) columns[x] = PixelTaps.OfColumn(window, x, Input.Width);
        for (var block = blockStart; block < blockEnd; block++)
        {
            var first = block * ChannelsPerBlock;
            for (var unit = unitStart; unit < unitEnd;)
            {
                var (image, y) = Math.DivRem(unit, Output.Height);
                var end = Math.Min(Output.Height, y + unitEnd - unit);
                EachChannel(new Rows
                {
                    From = input + Input.At(image, 0, 0) + first * sizeof(float),
                    To = output + Output.At(image, 0, 0) + first * sizeof(float),
                    Input = Input,
                    Output = Output,
                    Window = window,
                    Start = y,
                    End = end,
                    Columns = columns,
                    Ring = (float*)scratch,
                }, Math.Min(ChannelsPerBlock, Output.Channels - first));
                unit += end - y;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EachChannel(Rows rows, int count) => Channels.Each(rows, count, Set);

    /// <summary>Some rows of the output of one image.</summary>
    private struct Rows : IChannels
    {
        public byte* From, To;
        public PixelImage Input, Output;
        public Window Window;
        public int Start, End;
        public PixelTaps* Columns;
        public float* Ring;

        public readonly void At<T>(int channel) where T : struct, ILanes<T>
        {
            var (ringRows, line, next) = ((int)RowsOf(Window, Input), Output.Width * T.Count, 0);
            var from = From + channel * sizeof(float);
            for (var y = Start; y < End; y++)
            {
                var taps = PixelTaps.OfRow(Window, y, Input.Height);
                // Rows before the first tap are in no window that comes.
                next = Math.Max(next, taps.At);
                for (; next <= taps.At + (taps.End - 1) * Window.DilationY; next++)
                    Along<T>(from + (long)next * Input.Strides.Row, Ring + next % ringRows * line);
                Across<T>(taps, ringRows, To + channel * sizeof(float) + (long)y * Output.Strides.Row);
            }
        }

        /// <summary>The greatest of each window in a row.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Along<T>(byte* from, float* to) where T : struct, ILanes<T>
        {
            var (width, pixel, step) = (Output.Width, (long)Input.Strides.Pixel, (long)Window.DilationX * Input.Strides.Pixel);
            for (var x = 0; x < width; x++, to += T.Count)
            {
                var greatest = T.Of(float.NegativeInfinity);
                var tap = from + Columns[x].At * pixel + Columns[x].First * step;
                for (var left = Columns[x].End - Columns[x].First; left > 0; left--, tap += step) greatest = T.Max(greatest, T.Load((float*)tap));
                T.Store(greatest, to);
            }
        }

        /// <summary>The greatest of the rows of a window.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Across<T>(PixelTaps taps, int ringRows, byte* to) where T : struct, ILanes<T>
        {
            var (line, pixel) = ((long)Output.Width * T.Count, Output.Strides.Pixel);
            var (step, ring) = (Window.DilationY * line, ringRows * line);
            var first = Ring + (taps.At + taps.First * Window.DilationY) % ringRows * line;
            var end = Ring + ring;
            for (var x = 0; x < Output.Width; x++, to += pixel, first += T.Count, end += T.Count)
            {
                var greatest = T.Of(float.NegativeInfinity);
                var tap = first;
                for (var left = taps.End - taps.First; left > 0; left--)
                {
                    greatest = T.Max(greatest, T.Load(tap));
                    tap += step;
                    if (tap >= end) tap -= ring;
                }
                T.Store(greatest, (float*)to);
            }
        }
    }
}
