using System.Runtime.CompilerServices;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>
/// The mean, or the greatest, of each channel over all pixels. As where pixels lie side by side, 16 partial results are made, of each
/// sixteenth pixel, and then joined in halves. A unit is an image, a block some channels.
/// </summary>
internal sealed unsafe class PixelMeans(bool isMax) : PixelKernel
{
    private const int Lanes = 16, ChannelsPerBlock = 64;

    public override string Name => FloatVectors.NameFor(Set);

    public override int Units => Output.Images;

    public override int Blocks => Sizes.CeilDiv(Output.Channels, ChannelsPerBlock);

    public override int ScratchBytes => Lanes * ChannelsPerBlock * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* input, byte* output, byte* scratch, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var partial = (float*)scratch;
        for (var image = unitStart; image < unitEnd; image++)
        {
            for (var block = blockStart; block < blockEnd; block++)
            {
                var first = block * ChannelsPerBlock;
                var count = Math.Min(ChannelsPerBlock, Output.Channels - first);
                new Span<float>(partial, Lanes * ChannelsPerBlock).Fill(isMax ? float.NegativeInfinity : 0);
                var pixel = 0;
                for (var y = 0; y < Input.Height; y++)
                    for (var x = 0; x < Input.Width; x++, pixel++)
                        Join(partial + pixel % Lanes * ChannelsPerBlock, (float*)(input + Input.At(image, y, x)) + first, count);
                for (var half = Lanes / 2; half > 0; half /= 2)
                    for (var lane = 0; lane < half; lane++)
                        Join(partial + lane * ChannelsPerBlock, partial + (lane + half) * ChannelsPerBlock, count);
                var to = (float*)(output + image * Output.Strides.Image) + first;
                for (var c = 0; c < count; c++) to[c] = isMax ? partial[c] : partial[c] / (Input.Height * Input.Width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Join(float* to, float* from, int count) => Channels.Each(new Pair { To = to, From = from, IsMax = isMax }, count, Set);

    private struct Pair : IChannels
    {
        public float* To, From;
        public bool IsMax;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void At<T>(int channel) where T : struct, ILanes<T>
        {
            var (a, b) = (T.Load(To + channel), T.Load(From + channel));
            T.Store(IsMax ? T.Max(a, b) : a + b, To + channel);
        }
    }
}
