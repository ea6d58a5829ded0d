namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>Sums of some channels of some pixels.</summary>
/// <param name="start">The first channel of the first pixel.</param>
/// <param name="distance">Sums from pixel to pixel.</param>
/// <param name="pixels">How many pixels.</param>
/// <param name="channel">Index of the first channel.</param>
/// <param name="count">How many channels.</param>
internal readonly unsafe struct PixelSums(int* start, int distance, int pixels, int channel, int count)
{
    public readonly int* Start = start;
    public readonly int Distance = distance, Pixels = pixels, Channel = channel, Count = count;
}
