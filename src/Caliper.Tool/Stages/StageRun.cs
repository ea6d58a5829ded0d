using System.Diagnostics;
using Caliper.Evaluation;

namespace Caliper.Tool.Stages;

/// <summary>
/// Runs the stages of a command one after the other, measures how long each takes, and shows how far it has come. The
/// clock lives here: the library knows none.
/// </summary>
internal sealed class StageRun(IStageDisplay display)
{
    private readonly OrderedDictionary<string, double> _seconds = new(StringComparer.Ordinal);

    /// <summary>What each stage took, in seconds, in the order of their first run.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>Runs a stage.</summary>
    /// <param name="stage">Its name; a name used twice adds up.</param>
    /// <param name="work">What to do; it may report how far it has come.</param>
    public T Run<T>(string stage, Func<IProgress<EvaluationProgress>, T> work)
    {
        var line = display.Begin(stage);
        var started = Stopwatch.GetTimestamp();
        try
        {
            var result = work(line);
            line.Complete(Stopwatch.GetElapsedTime(started));
            return result;
        }
        finally
        {
            _seconds[stage] = _seconds.GetValueOrDefault(stage) + Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }

    /// <summary>Runs a stage that does not report how far it has come.</summary>
    public T Run<T>(string stage, Func<T> work) => Run(stage, _ => work());

    /// <summary>Runs a stage that has no result.</summary>
    public void Run(string stage, Action work) => Run(stage, _ =>
    {
        work();
        return true;
    });
}
