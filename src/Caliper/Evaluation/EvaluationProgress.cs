namespace Caliper.Evaluation;

/// <summary>How far a pass over data has come.</summary>
/// <param name="Stage">What is being done: <c>evaluate</c> or <c>compare</c>.</param>
/// <param name="SamplesDone">Samples seen so far.</param>
/// <param name="SamplesTotal">Samples in all, or null where the data does not say.</param>
/// <param name="Acc1">Top-1 accuracy so far, in percent, or null where it is not measured.</param>
public sealed record EvaluationProgress(string Stage, int SamplesDone, int? SamplesTotal, double? Acc1);
