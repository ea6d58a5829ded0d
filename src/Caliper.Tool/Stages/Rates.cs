using Caliper.Tool.Consoles;

namespace Caliper.Tool.Stages;

/// <summary>How fast samples go by and when the last one will have.</summary>
internal static class Rates
{
    public static string PerSecond(int samples, TimeSpan elapsed) => (samples / elapsed.TotalSeconds) switch
    {
        _ when samples == 0 || elapsed <= TimeSpan.Zero => "",
        < 1 => Numbers.Brief(elapsed.TotalSeconds / samples) + " s/image",
        < 10 and var rate => Numbers.Fixed(rate, 1) + " images/s",
        var rate => Numbers.Count((long)Math.Round(rate)) + " images/s",
    };

    /// <summary>The time left if the rest goes as fast, or null before anything can be said.</summary>
    public static TimeSpan? Left(int done, int total, TimeSpan elapsed) =>
        done == 0 ? null : elapsed * ((double)(total - done) / done);
}
