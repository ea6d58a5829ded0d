using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>
/// One spatial axis of a transposed convolution. It spreads the input out by its stride and adds up; seen from the output, every so-manieth
/// pixel is an ordinary convolution of stride 1, by the taps that meet an input there: <c>o + pad = i·stride + tap·dilation</c>.
/// </summary>
/// <param name="Input">Pixels read.</param>
/// <param name="Output">Pixels written.</param>
/// <param name="Kernel">Taps of the window.</param>
/// <param name="Stride">Output pixels from what one input pixel adds to to what the next one does.</param>
/// <param name="Dilation">Output pixels from one tap to the next.</param>
/// <param name="Pad">Pixels cut off before the output.</param>
internal sealed record TransposedAxis(int Input, int Output, int Kernel, int Stride, int Dilation, int Pad)
{
    /// <summary>An axis that there is not.</summary>
    public static TransposedAxis None { get; } = new(1, 1, 1, 1, 1, 0);

    /// <summary>The convolutions of stride 1 that make it up, each of every <see cref="Stride"/>th pixel.</summary>
    public TransposedPhase[] Phases() => [.. Enumerable.Range(0, Math.Min(Stride, Output)).Select(Of)];

    /// <summary>The phases as one convolution that gives so many times the channels, its taps those of all of them: for an output whose pixels
    /// touch, those of one pixel of it after those of the other. Null where phases have more or fewer pixels than others, or taps between
    /// those of others.</summary>
    public TransposedPhase[]? Joined()
    {
        if (Stride == 1 || Dilation != 1 || Output % Stride != 0) return null;
        var phases = Phases();
        var first = phases.Min(p => p.At);
        var length = phases.Max(p => p.At + p.Taps.Length) - first;
        return [.. phases.Select(p => p with { At = first, Taps = [.. Enumerable.Range(first, length).Select(p.TapAt)] })];
    }

    private TransposedPhase Of(int phase)
    {
        var count = Sizes.CeilDiv(Output - phase, Stride);
        var taps = Enumerable.Range(0, Kernel).Reverse().Select(tap => (Tap: tap, Ahead: phase + (long)Pad - (long)tap * Dilation))
            .Where(t => t.Ahead % Stride == 0).Select(t => (t.Tap, At: t.Ahead / Stride))
            // Those that meet no pixel of the input at all.
            .Where(t => t.At + count > 0 && t.At < Input).ToArray();
        if (taps.Length == 0) return new(phase, count, 0, 1, [TransposedPhase.NoTap]);
        var step = taps.Length == 1 ? 1 : (int)(taps[1].At - taps[0].At);
        return new(phase, count, (int)taps[0].At, step, [.. taps.Select(t => t.Tap)]);
    }
}

/// <summary>Every so-manieth pixel along an axis of a transposed convolution.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many there are.</param>
/// <param name="At">The input pixel that the first tap of the first of them meets; it may lie outside.</param>
/// <param name="Dilation">Input pixels from one tap to the next.</param>
/// <param name="Taps">Which taps of the window meet the input, in its order; <see cref="NoTap"/> for one whose weight is 0.</param>
internal sealed record TransposedPhase(int First, int Count, int At, int Dilation, int[] Taps)
{
    /// <summary>A tap that the window does not have.</summary>
    public const int NoTap = -1;

    /// <summary>Whether no tap meets the input: what is computed is the bias.</summary>
    public bool IsEmpty => Taps is [NoTap];

    /// <summary>The input pixel after the last that it reads.</summary>
    public int End => At + (Taps.Length - 1) * Dilation + Count;

    /// <summary>Whether all that it reads is in an image of so many pixels.</summary>
    public bool StaysWithin(int length) => !IsEmpty && At >= 0 && End <= length;

    /// <summary>The tap that meets an input pixel for the first pixel of it.</summary>
    public int TapAt(int pixel) => pixel >= At && pixel < At + Taps.Length ? Taps[pixel - At] : NoTap;
}
