using System.Diagnostics;
using Caliper;

namespace Browser;

/// <summary>The demo's network: which digit or letter an image of 32×32 pixels shows.</summary>
internal sealed class Network(Int8Session session)
{
    private const string Classes = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const int Pixels = 32 * 32, Channels = 3, BytesOfPixel = 4;

    private readonly float[] _input = new float[Channels * Pixels];
    private readonly float[] _scores = new float[Classes.Length];

    /// <summary>How long the last run took.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The classes, the likeliest first, with their probabilities.</summary>
    /// <param name="pixels">A canvas row by row: red, green, blue and opacity, a byte each.</param>
    public (char Class, double Probability)[] Classify(ReadOnlySpan<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, Pixels * BytesOfPixel);
        for (var channel = 0; channel < Channels; channel++)
            for (var i = 0; i < Pixels; i++) _input[channel * Pixels + i] = (pixels[i * BytesOfPixel + channel] / 255f - 0.5f) / 0.5f;
        var begin = Stopwatch.GetTimestamp();
        session.Run(_input, _scores);
        Elapsed = Stopwatch.GetElapsedTime(begin);
        var largest = _scores.Max();
        var sum = _scores.Sum(s => Math.Exp(s - largest));
        return [.. _scores.Select((s, i) => (Classes[i], Math.Exp(s - largest) / sum)).OrderByDescending(c => c.Item2)];
    }

    /// <summary>Milliseconds of a run of any network, the least of what fits into some seconds: the browser compiles what runs often.</summary>
    public static double LeastMilliseconds(Int8Session session, double seconds)
    {
        var (start, least) = (Stopwatch.GetTimestamp(), TimeSpan.MaxValue);
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            var begin = Stopwatch.GetTimestamp();
            session.Warmup(runs: 1);
            var elapsed = Stopwatch.GetElapsedTime(begin);
            if (elapsed < least) least = elapsed;
        }
        return least.TotalMilliseconds;
    }
}
