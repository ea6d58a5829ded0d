using System.Diagnostics;

namespace Caliper.Tool.Stages;

/// <summary>What each stage of a command took. The only clock there is: the library knows none.</summary>
internal sealed class StageClock
{
    private readonly OrderedDictionary<string, double> _seconds = new(StringComparer.Ordinal);

    /// <summary>Seconds by stage, in the order of their first run; a stage run twice adds up.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>Starts to measure a stage; disposing of the result stops.</summary>
    public Running Start(string stage) => new(this, stage);

    /// <summary>A stage that is being measured.</summary>
    public readonly struct Running(StageClock clock, string stage) : IDisposable
    {
        private readonly long _started = Stopwatch.GetTimestamp();

        /// <summary>Since the stage began.</summary>
        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

        public void Dispose() => clock._seconds[stage] = clock._seconds.GetValueOrDefault(stage) + Elapsed.TotalSeconds;
    }
}
