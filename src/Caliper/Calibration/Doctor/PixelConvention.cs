namespace Caliper.Calibration.Doctor;

/// <summary>How pixel levels become a network's input, as it is mostly done.</summary>
/// <param name="Formula">The formula, for a level from 0 to 255.</param>
/// <param name="Black">For each channel, what level 0 becomes.</param>
/// <param name="White">For each channel, what level 255 becomes.</param>
internal sealed record PixelConvention(string Formula, double[] Black, double[] White)
{
    /// <summary>From what black becomes to what white becomes.</summary>
    public double Width(int channel) => White[channel] - Black[channel];

    /// <summary>Those for one channel or three, the latter in the order RGB.</summary>
    public static IEnumerable<PixelConvention> For(int channels)
    {
        double[] Same(double value) => [.. Enumerable.Repeat(value, channels)];
        yield return new("pixel", Same(0), Same(255));
        yield return new("pixel / 255", Same(0), Same(1));
        yield return new("(pixel - 127.5) / 127.5", Same(-1), Same(1));
        if (channels != 3) yield break;
        double[] mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225], levels = [123, 117, 104];
        yield return new($"(pixel / 255 - {Wording.Numbers(mean)}) / {Wording.Numbers(std)}",
            [.. mean.Zip(std, (m, s) => -m / s)], [.. mean.Zip(std, (m, s) => (1 - m) / s)]);
        yield return new($"pixel - {Wording.Numbers(levels)}", [.. levels.Select(l => -l)], [.. levels.Select(l => 255 - l)]);
    }

    /// <summary>What the channels' means are, given those of the pixels from 0 (black) to 1 (white).</summary>
    public double[] Means(IReadOnlyList<double> pixels) => [.. pixels.Select((p, c) => Black[c] + (Width(c) * p))];
}
