namespace Caliper.Evaluation;

/// <summary>How many rows two models return in an output of which numbers choose how many there are: boxes that are left, places that are
/// not 0.</summary>
/// <param name="Output">Name of the output in the reference model.</param>
/// <param name="Reference">Rows that the reference returned, over all samples.</param>
/// <param name="Candidate">Rows that the candidate returned.</param>
public sealed record OutputRows(string Output, long Reference, long Candidate);
