using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>What a DFT does: along which axis, back or forth, and whether only the half that a real signal has is returned.</summary>
/// <param name="Axis">The axis, from the front.</param>
/// <param name="IsInverse">Whether it goes back.</param>
/// <param name="IsOneSided">Whether only frequencies up to the half are returned.</param>
internal readonly record struct FourierForm(int Axis, bool IsInverse, bool IsOneSided)
{
    /// <summary>Reads a DFT.</summary>
    /// <param name="node">The node.</param>
    /// <param name="signal">Its signal, of which the last axis has real parts, or real and imaginary ones.</param>
    /// <param name="axis">What it says of the axis, or null.</param>
    /// <returns>Null where versions of the operators mean different axes.</returns>
    public static FourierForm? Of(Node node, Shape signal, long? axis)
    {
        if (signal.Rank < 2 || signal[-1] is not { IsKnown: false } and not { Length: 1 or 2 })
            throw NodeFault.Of(node, $"has a signal of shape {signal}, whose last axis must be 1 or 2");
        // Without a word it is the second in version 17, and the last but one since 20.
        if (axis is null && signal.Rank != 3) return null;
        var at = NodeAxes.At(node, axis ?? 1, signal.Rank);
        if (at == signal.Rank - 1) throw NodeFault.Of(node, "transforms real and imaginary parts into each other");
        var (back, half) = (node.Int("inverse", 0) != 0, node.Int("onesided", 0) != 0);
        return new(at, back, half);
    }

    /// <summary>How long the signal is, or the one it comes from: as said, or as the half of its frequencies says that are there.</summary>
    public long LengthOf(long there, long? said) => said ?? (IsInverse && IsOneSided ? Math.Max(1, 2 * (there - 1)) : there);

    /// <summary>How many numbers there are along the axis afterwards.</summary>
    public long Results(long length) => IsInverse ? length : Frequencies(length, IsOneSided);

    /// <summary>How many parts each has: what comes from half of the frequencies is real.</summary>
    public int Parts => IsInverse && IsOneSided ? 1 : 2;

    /// <summary>How many frequencies a signal of a length has.</summary>
    public static long Frequencies(long length, bool isOneSided) => isOneSided ? length / 2 + 1 : length;

    /// <summary>How many frames of a signal an STFT transforms, and how long each is.</summary>
    /// <param name="node">The STFT.</param>
    /// <param name="length">Length of the signal.</param>
    /// <param name="step">From one frame to the next.</param>
    /// <param name="window">Length of the window, or null.</param>
    /// <param name="said">The length of a frame as the node says it, or null.</param>
    public static (long Frames, long Length) FramesOf(Node node, long length, long step, long? window, long? said)
    {
        var frame = said ?? window ?? throw NodeFault.Of(node, "says neither its window nor the length of a frame");
        if (window is { } other && other != frame) throw NodeFault.Of(node, $"has a window of {other} for frames of {frame}");
        if (step < 1 || frame < 1 || frame > length) throw NodeFault.Of(node, $"has frames of {frame}, {step} apart, of a signal of {length}");
        return ((length - frame) / step + 1, frame);
    }
}
