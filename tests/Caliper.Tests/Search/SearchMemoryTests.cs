using Caliper.Data;
using Caliper.Execution;
using Caliper.Onnx;
using Caliper.Search;

namespace Caliper.Tests.Search;

/// <summary>What a search needs is gone when it ends: networks whose roundings can be switched, and moments of what layers read. While it runs,
/// so are the sessions of what it searches.</summary>
public sealed class SearchMemoryTests
{
    private static readonly SearchOptions Options = new() { Aim = 80, Least = 80, MostFloat = 0, Acceptable = double.NegativeInfinity };

    [Fact]
    public void Sessions_end_with_the_search()
    {
        var backend = new CountingBackend();
        using var prepared = Prepared(backend, out var data);
        var before = backend.Planned.Count;
        var found = RecipeSearch.Find(prepared, data, Options);
        Assert.True(backend.Planned.Count > before + 1, "Nothing was switched.");
        Assert.Equal(0, backend.Open);
        using var quantized = prepared.Convert(found.Complete());
        Assert.Equal(0, backend.Open);
        prepared.Run(data[0].Inputs);
        Assert.Equal(1, backend.Open);
    }

    [Fact]
    public void Moments_are_collected_when_they_are_asked_for_and_are_the_same()
    {
        using var prepared = Prepared(new CountingBackend(), out var data);
        var found = RecipeSearch.Find(prepared, data, Options);
        Assert.False(found.Moments!.IsValueCreated);
        using var once = prepared.Convert(found.Complete());
        Assert.True(found.Moments.IsValueCreated);
        using var again = prepared.Convert(RecipeSearch.Apply(found.Recipe, prepared, data, Options).Complete());
        Assert.Equal(OnnxFile.ToBytes(once.Model), OnnxFile.ToBytes(again.Model));
        using var nearest = prepared.Convert(new Conversion.ConvertOptions { Recipe = found.Recipe });
        Assert.NotEqual(OnnxFile.ToBytes(once.Model), OnnxFile.ToBytes(nearest.Model));
    }

    [Fact]
    public void Without_rounding_there_are_no_moments()
    {
        using var prepared = Prepared(new CountingBackend(), out var data);
        Assert.Null(RecipeSearch.Find(prepared, data, Options with { RoundWeights = false }).Moments);
    }

    private static PreparedModel Prepared(CountingBackend backend, out Batch[] data)
    {
        var network = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4).ConvBlock("b", "a.relu", 4, 4)
            .ConvBlock("c", "b.relu", 4, 4).Output("c.relu");
        var model = new FloatModel(network.Build().Model, new ExecutionOptions { Backend = backend });
        var prepared = model.Fuse().Prepare(QConfig.Default);
        data = [Batch.Of(network.Batch(4)[""]), Batch.Of(network.Batch(4)[""])];
        foreach (var batch in data) prepared.Run(batch.Inputs);
        return prepared;
    }
}
