using System.Runtime.CompilerServices;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>What is done to each channel by itself, several at a time.</summary>
internal interface IChannels
{
    /// <summary>Does some channels, from one on.</summary>
    void At<T>(int channel) where T : struct, ILanes<T>;
}

/// <summary>Goes through the channels of a pixel in vectors, and through those that are left over one by one.</summary>
internal static class Channels
{
    /// <summary>Does channels from 0 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Each<TWork>(TWork work, int count, KernelSet set) where TWork : struct, IChannels
    {
        var channel = 0;
        if (FloatVectors.AreWide(set)) for (; channel <= count - WideLanes.Count; channel += WideLanes.Count) work.At<WideLanes>(channel);
        if (FloatVectors.Serve(set)) for (; channel <= count - NativeLanes.Count; channel += NativeLanes.Count) work.At<NativeLanes>(channel);
        for (; channel < count; channel++) work.At<OneLane>(channel);
    }
}
