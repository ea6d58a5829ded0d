using Caliper.Evaluation;

namespace Caliper.Tool.Stages;

/// <summary>Runs the stages of a command one after the other, measures how long each takes, and shows how far it has come.</summary>
internal sealed class StageRun(IStageDisplay display, StageClock clock)
{
    /// <summary>What each stage took, in seconds.</summary>
    public IReadOnlyDictionary<string, double> Seconds => clock.Seconds;

    /// <summary>Runs a stage.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="work">What to do; it may report how far it has come.</param>
    public T Run<T>(string stage, Func<IProgress<EvaluationProgress>, T> work)
    {
        var line = display.Begin(stage);
        using var running = clock.Start(stage);
        var result = work(line);
        line.Complete(running.Elapsed);
        return result;
    }

    /// <summary>Runs a stage that does not report how far it has come.</summary>
    public T Run<T>(string stage, Func<T> work) => Run(stage, _ => work());

    /// <summary>Runs a stage that has no result.</summary>
    public bool Run(string stage, Action work) => Run(stage, _ => work());

    /// <summary>Runs a stage that has no result and may report how far it has come.</summary>
    public bool Run(string stage, Action<IProgress<EvaluationProgress>> work) => Run(stage, progress =>
    {
        work(progress);
        return true;
    });
}
