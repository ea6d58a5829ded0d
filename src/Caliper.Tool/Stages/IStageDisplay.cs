using Caliper.Evaluation;

namespace Caliper.Tool.Stages;

/// <summary>Shows stages as they are run.</summary>
internal interface IStageDisplay
{
    /// <summary>A stage begins.</summary>
    IStageLine Begin(string stage);
}

/// <summary>Shows how far one stage has come.</summary>
internal interface IStageLine : IProgress<EvaluationProgress>
{
    /// <summary>The stage is done.</summary>
    void Complete(TimeSpan elapsed);
}
