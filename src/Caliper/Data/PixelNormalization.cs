using System.Collections.Immutable;

namespace Caliper.Data;

/// <summary>
/// Turns 8-bit pixels into network inputs: <c>x = (pixel · scale − mean) / std</c>, looked up in a table of 256 values for
/// each channel. The steps are those of torchvision's <c>ToTensor</c> and <c>Normalize</c>, each rounded to 32-bit float,
/// so that with a scale of 1/255 the bits are theirs.
/// </summary>
public sealed class PixelNormalization
{
    private readonly ImmutableArray<float[]> _tables;

    /// <summary>Computes the tables.</summary>
    /// <param name="scale">What a pixel is multiplied by, such as 1/255.</param>
    /// <param name="mean">For each channel, what is then subtracted; one value stands for all channels.</param>
    /// <param name="std">For each channel, what the difference is then divided by; one value stands for all channels.</param>
    /// <param name="channels">Number of channels.</param>
    /// <exception cref="CaliperException">A value is not finite, a divisor is zero, or their number does not fit.</exception>
    public PixelNormalization(double scale, ImmutableArray<float> mean, ImmutableArray<float> std, int channels)
    {
        if (!float.IsFinite((float)scale) || scale == 0)
            throw new CaliperException("The scale of pixels must be a finite number other than 0.");
        Check(mean, "mean", channels);
        Check(std, "std", channels);
        if (std.Contains(0f)) throw new CaliperException("The std of pixels must not be 0: it is divided by.");
        _tables = [.. Enumerable.Range(0, channels).Select(c => Table(scale, At(mean, c), At(std, c)))];
    }

    /// <summary>The value of each pixel level, 256 of them, in one channel.</summary>
    public ReadOnlySpan<float> this[int channel] => _tables[channel];

    private static float At(ImmutableArray<float> values, int channel) => values.Length == 1 ? values[0] : values[channel];

    private static float[] Table(double scale, float mean, float std)
    {
        var table = new float[256];
        for (var pixel = 0; pixel < table.Length; pixel++)
        {
            var scaled = (float)(pixel * scale);
            table[pixel] = (scaled - mean) / std;
        }
        return table;
    }

    private static void Check(ImmutableArray<float> values, string name, int channels)
    {
        if (values.IsDefault || (values.Length != 1 && values.Length != channels))
            throw new CaliperException($"The {name} of pixels needs 1 value"
                + $"{(channels > 1 ? $" or {channels}, one for each channel" : "")}, not {(values.IsDefault ? 0 : values.Length)}.");
        if (!values.All(float.IsFinite)) throw new CaliperException($"The {name} of pixels must be finite numbers.");
    }
}
