using Caliper.Evaluation;
using Caliper.Graphs;

namespace Caliper.Tests.Evaluation;

/// <summary>Cosines are of a sample; masks overlap over all of them.</summary>
public class SimilarityMeterTests
{
    [Fact]
    public void The_least_cosine_is_that_of_the_worst_sample()
    {
        var meter = new SimilarityMeter();
        meter.Update(Row(2, 1f, 0, 0, 2), Row(2, 3f, 0, 1, 1));
        Assert.Equal(Math.Sqrt(0.5), meter.LeastCosine!.Value, 6);
        meter.Update(Row(1, 1f, 1), Row(1, float.NaN, 1));
        Assert.Equal(-1, meter.LeastCosine);
    }

    [Fact]
    public void What_has_no_direction_is_passed_over()
    {
        var meter = new SimilarityMeter();
        meter.Update(Row(1, 0f, 0), Row(1, 1f, 0));
        Assert.Null(meter.LeastCosine);
        meter.Update(Row(1, 1f, 0), Row(1, 0f, 0));
        Assert.Equal(0, meter.LeastCosine);
    }

    [Fact]
    public void Masks_overlap_by_what_both_mark_of_what_either_marks()
    {
        var meter = new SimilarityMeter();
        meter.Update(Row(1, 0.9f, 0.5f, 0.1f, 0), Row(1, 0.6f, 0.4f, 0.7f, 0));
        Assert.Equal(1.0 / 3, meter.Overlap);
        meter.Update(Row(1, 1f, 0, 0, 0), Row(1, 1f, 0, 0, 0));
        Assert.Equal(0.5, meter.Overlap);
    }

    [Fact]
    public void What_is_no_share_marks_nothing()
    {
        var meter = new SimilarityMeter();
        meter.Update(Row(1, 0.9f, 0), Row(1, 0.9f, 0));
        meter.Update(Row(1, 0.9f, -3), Row(1, 0.9f, 0));
        Assert.Null(meter.Overlap);
    }

    private static Tensor Row(int samples, params float[] values) => Tensor.Of(Shape.Of(samples, values.Length / samples), values);
}
