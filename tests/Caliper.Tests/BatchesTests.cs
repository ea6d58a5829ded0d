using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Tests;

/// <summary>What a network gave for the pieces of a batch is put together.</summary>
public class BatchesTests
{
    [Fact]
    public void Pieces_are_joined_along_the_first_axis_and_else_along_the_only_one_that_differs()
    {
        var joined = Batches.Join("y", [Of([1, 2], 1, 2), Of([3, 4, 5, 6], 2, 2)]);
        Assert.Equal((Shape.Of(3, 2), "1 2 3 4 5 6"), (joined.Shape, Told(joined)));
        // Places that NonZero finds: a row for each axis.
        joined = Batches.Join("y", [Of([1, 2, 3, 4], 2, 2), Of([5, 6], 2, 1), Of([], 2, 0)]);
        Assert.Equal((Shape.Of(2, 3), "1 2 5 3 4 6"), (joined.Shape, Told(joined)));
        joined = Batches.Join("y", [Of([1, 2], 1, 1, 2), Of([], 1, 0, 2), Of([3, 4, 5, 6], 1, 2, 2)]);
        Assert.Equal((Shape.Of(1, 3, 2), "1 2 3 4 5 6"), (joined.Shape, Told(joined)));
    }

    [Fact]
    public void Pieces_that_differ_otherwise_are_refused_by_name()
    {
        var six = new float[] { 3, 4, 5, 6, 7, 8 };
        Tensor[][] wrong = [[Of([1, 2], 1, 2), Of(six, 2, 3)], [Of([1, 2], 1, 1, 2), Of(six, 1, 2, 3)], [Of([1]), Of([2])]];
        Assert.All(wrong, pieces => Assert.Contains("'y'", Assert.Throws<CaliperException>(() => Batches.Join("y", [.. pieces])).Message));
    }

    private static Tensor Of(float[] values, params long[] lengths) => Tensor.Of(Shape.Of(lengths), values);

    private static string Told(Tensor tensor) => string.Join(' ', tensor.Span<float>().ToArray());
}
