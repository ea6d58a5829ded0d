using Caliper.Evaluation;
using Caliper.Graphs;

namespace Caliper.Tests;

/// <summary>How close two tensors are.</summary>
internal static class Closeness
{
    public static double Decibels(Tensor expected, Tensor actual)
    {
        var meter = new SqnrMeter();
        meter.Update(expected.Span<float>(), actual.Span<float>());
        return meter.Decibels;
    }
}
