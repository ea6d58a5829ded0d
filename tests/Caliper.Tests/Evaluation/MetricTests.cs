using Caliper.Graphs;
using CsCheck;

namespace Caliper.Evaluation.Tests;

public class MetricTests
{
    private static Tensor Scores(int classes, params float[] scores) =>
        Tensor.Of(Shape.Of(scores.Length / classes, classes), scores);

    [Fact]
    public void A_meter_prints_as_in_the_tutorial()
    {
        var meter = new AverageMeter("Acc@1");
        meter.Update(81.7, 300);
        Assert.Equal("Acc@1  81.70 ( 81.70)", meter.ToString());
    }

    [Fact]
    public void A_meter_weighs_each_value_by_its_count()
    {
        var meter = new AverageMeter("Loss", "{0:0.0000e+00}");
        meter.Update(1, 3);
        meter.Update(2, 1);
        Assert.Equal((2.0, 5.0, 4L, 1.25), (meter.Val, meter.Sum, meter.Count, meter.Avg));
        Assert.Equal("Loss 2.0000e+00 (1.2500e+00)", meter.ToString());
        meter.Reset();
        Assert.Equal((0.0, 0.0, 0L, 0.0), (meter.Val, meter.Sum, meter.Count, meter.Avg));
    }

    [Fact]
    public void Accuracy_is_the_percentage_of_labels_among_the_k_highest()
    {
        var scores = Scores(6, 6, 5, 4, 3, 2, 1, /**/ 1, 2, 3, 4, 5, 6, /**/ 6, 5, 4, 3, 2, 1, /**/ 0, 9, 0, 0, 0, 0);
        Assert.Equal([50.0, 75.0], Accuracy.TopK(scores, [0, 4, 5, 1], 1, 5));
    }

    [Fact]
    public void Equal_scores_rank_by_class_index() =>
        Assert.Equal([25.0, 50.0], Accuracy.TopK(Tensor.Of(Shape.Of(4, 4), new float[16]), [0, 1, 2, 3], 1, 2));

    [Fact]
    public void A_k_above_the_number_of_classes_counts_as_all_of_them() =>
        Assert.Equal([0.0, 100.0], Accuracy.TopK(Scores(3, 1, 2, 3), [0], 1, 5));

    [Fact]
    public void A_label_whose_score_is_no_number_is_wrong_and_one_elsewhere_ranks_first()
    {
        Assert.Equal([0.0], Accuracy.TopK(Scores(3, float.NaN, 1, 2), [0], 3));
        Assert.Equal([0.0, 100.0], Accuracy.TopK(Scores(3, float.NaN, 1, 2), [2], 1, 2));
    }

    [Fact]
    public void Rank_agrees_with_a_stable_sort() =>
        Gen.Int[-3, 3].Select(i => (float)i).Array[2, 12].Sample(scores =>
        {
            var order = Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ToList();
            return Enumerable.Range(0, scores.Length).All(label => Accuracy.RankOf(label, scores) == order.IndexOf(label));
        });

    [Fact]
    public void Cross_entropy_is_the_mean_of_log_sum_exp_less_the_label_score()
    {
        // -log softmax by hand: label 0 of (1,2,3) is log(1+e+e²); label 1 of equal scores is log 3.
        var expected = (Math.Log(1 + Math.E + Math.E * Math.E) + Math.Log(3)) / 2;
        Assert.Equal(expected, new CrossEntropyLoss().Loss(Scores(3, 1, 2, 3, 5, 5, 5), [0, 1]), 1e-12);
    }

    [Fact]
    public void Cross_entropy_of_huge_scores_does_not_overflow()
    {
        Assert.Equal(0, new CrossEntropyLoss().Loss(Scores(2, 1e30f, -1e30f), [0]));
        Assert.Equal(2e4, new CrossEntropyLoss().Loss(Scores(2, 1e4f, -1e4f), [1]));
    }

    [Fact]
    public void Scores_with_unit_axes_at_the_end_are_flattened()
    {
        var pooled = Scores(3, 1, 2, 3, 5, 5, 5).Reshape(Shape.Of(2, 3, 1, 1));
        Assert.Equal([50.0], Accuracy.TopK(pooled, [2, 1], 1));
        var (flat, criterion) = (pooled.Reshape(Shape.Of(2, 3)), new CrossEntropyLoss());
        Assert.Equal(criterion.Loss(flat, [0, 1]), criterion.Loss(pooled, [0, 1]));
    }

    [Fact]
    public void What_are_no_class_scores_is_refused()
    {
        foreach (var shape in new[] { Shape.Of(12), Shape.Of(2, 3, 2), Shape.Of(12, 1) })
            Assert.Contains("N×C", Refused(Tensor.Of(shape, new float[12])));
        Assert.Contains("UInt8", Refused(Tensor.Of(Shape.Of(2, 2), new byte[4])));
        Assert.Contains("label 3 is no class", Refused(Tensor.Of(Shape.Of(1, 3), new float[3]), 3));
        Assert.Contains("label -1 is no class", Refused(Tensor.Of(Shape.Of(1, 3), new float[3]), -1));
        Assert.Contains("2 rows", Refused(Tensor.Of(Shape.Of(2, 3), new float[6]), 1));

        static string Refused(Tensor scores, params int[] labels) =>
            Assert.Throws<CaliperException>(() => Accuracy.TopK(scores, labels, 1)).Message;
    }
}
