using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Tool.Inputs;
using Caliper.Tool.Options;

namespace Caliper.Tool.Tests;

/// <summary>A batch's outputs are kept until it is judged: where they are large, fewer samples are fed at a time.</summary>
public sealed class BatchSizeTests : IDisposable
{
    private const int Samples = 40;
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData(1, 32, new[] { 32, 8 })]
    [InlineData(64, 32, new[] { 1, 1, 1 })]
    [InlineData(16, 32, new[] { 4, 4, 4 })]
    [InlineData(16, 2, new[] { 2, 2, 2 })]
    public void The_larger_the_outputs_the_smaller_the_batches(int megapixels, int asked, int[] sizes)
    {
        using var model = Returning(new Shape([Dimension.Named("N"), Dimension.Of(megapixels), Dimension.Of(1024), Dimension.Of(1024)]));
        Assert.Equal(sizes, SizesOf(model, asked)[..sizes.Length]);
    }

    [Fact]
    public void Of_outputs_of_any_size_nothing_is_known()
    {
        using var model = Returning(new Shape([Dimension.Named("N"), Dimension.Named("C"), Dimension.Of(1024), Dimension.Of(1024)]));
        Assert.Equal([32, 8], SizesOf(model, 32));
    }

    private int[] SizesOf(FloatModel model, int asked)
    {
        var path = _sample.Arrays("x.npz", ("x", Tensor.Of(Shape.Of(Samples, 1), new float[Samples])));
        return [.. InputData.Open(new DataOptions { Path = path, BatchSize = asked }, path, model).Select(b => b.Count)];
    }

    /// <summary>A network whose output is as large as it says; it is not run.</summary>
    private static FloatModel Returning(Shape shape)
    {
        var input = new Value("x", ElementType.Float32, new Shape([Dimension.Named("N"), Dimension.Of(1)]));
        var graph = new Graph("large", [input], [new Value("y", ElementType.Float32, shape)], [new Node("y", "Relu", ["x"], ["y"])],
            ImmutableSortedDictionary.Create<string, Tensor>(StringComparer.Ordinal));
        return new(new Model(graph, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal).Add("", 17)));
    }
}
