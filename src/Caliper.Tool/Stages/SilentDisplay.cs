using Caliper.Evaluation;

namespace Caliper.Tool.Stages;

/// <summary>Shows nothing.</summary>
internal sealed class SilentDisplay : IStageDisplay, IStageLine
{
    public IStageLine Begin(string stage) => this;

    public void Report(EvaluationProgress value) { }

    public void Complete(TimeSpan elapsed) { }
}
