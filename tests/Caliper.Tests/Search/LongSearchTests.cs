using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Search;
using Caliper.Tests.Recovery;

namespace Caliper.Tests.Search;

/// <summary>Of a network that takes long to run, a search takes a few evaluations and no more, and still finds what matters most.</summary>
public sealed class LongSearchTests
{
    // Out of reach, so that everything is tried; and any evaluation is long.
    private static readonly SearchOptions Long = new() { Aim = 90, Least = 90, Acceptable = 90, LongEvaluation = 0 };

    // Of each sample.
    private const int MostPasses = 5;

    /// <summary>Whatever the number of roundings and of samples: it is counted what is run, not what the search thinks of it.</summary>
    [Theory]
    [InlineData(3, 12)]
    [InlineData(12, 12)]
    [InlineData(12, 32)]
    [InlineData(40, 13)]
    [InlineData(40, 24)]
    public void It_takes_five_passes_of_each_sample_at_most(int layers, int samples)
    {
        var backend = new CountingBackend();
        using var prepared = Chain(layers, samples, backend, out var data);
        var before = backend.Convolutions;
        var found = RecipeSearch.Find(prepared, data, Long);
        var passes = (double)(backend.Convolutions - before) / layers / samples;
        Assert.InRange(passes, 2, MostPasses);
        Assert.True(found.Candidates.Length > 2, $"{found.Candidates.Length} points");
        Assert.True(found.Chosen.Decibels > found.Candidates[0].Step.Decibels + 1, $"{found.Chosen} after {found.Candidates[0].Step}");
    }

    /// <summary>Otherwise nothing is counted, and the search is as thorough as ever.</summary>
    [Fact]
    public void A_short_evaluation_is_searched_as_before()
    {
        var backend = new CountingBackend();
        using var prepared = Chain(12, 12, backend, out var data);
        var before = backend.Convolutions;
        var found = RecipeSearch.Find(prepared, data, Long with { LongEvaluation = new SearchOptions().LongEvaluation });
        Assert.True(backend.Convolutions - before > 2 * MostPasses * 12 * 12);
        Assert.True(found.Candidates.Length > 12);
    }

    /// <summary>One that is evaluated neither in a moment nor for long: fewer steps of a way are measured, and what is found is as good for hardly
    /// more work.</summary>
    [Fact]
    public void What_takes_a_while_is_searched_in_fewer_steps()
    {
        var backend = new CountingBackend();
        using var prepared = Chain(40, 12, backend, out var data);
        var all = new SearchOptions { Aim = 120, Least = 100, Acceptable = 100, MostWide = 0.05, MostFloat = 0, ShortEvaluation = 1e99 };
        var (thorough, taken) = Counted(all);
        var (found, fewer) = Counted(all with { ShortEvaluation = 0 });
        Assert.True(fewer < 0.95 * taken, $"{fewer} and {taken} convolutions");
        Assert.True(thorough.Chosen.Decibels >= all.Least && found.Chosen.Decibels >= all.Least, $"{found.Chosen} and {thorough.Chosen}");
        Assert.True(found.Candidates.Length < 0.8 * thorough.Candidates.Length, $"{found.Candidates.Length} and {thorough.Candidates.Length} points");
        Assert.True(found.Chosen.AddedWork < 1.15 * thorough.Chosen.AddedWork, $"{found.Chosen} and {thorough.Chosen}");
        // Whoever wants to choose has all.
        Assert.Equal(Counted(all with { MeasuresBeyond = true }).Found.Candidates.Length,
            Counted(all with { MeasuresBeyond = true, ShortEvaluation = 0 }).Found.Candidates.Length);

        (SearchResult Found, int Convolutions) Counted(SearchOptions options)
        {
            var before = backend.Convolutions;
            var result = RecipeSearch.Find(prepared, data, options);
            return (result, backend.Convolutions - before);
        }
    }

    [Fact]
    public void The_same_data_gives_the_same_recipe_on_any_number_of_threads()
    {
        var recipes = new[] { 1, 2, 5 }.Select(threads =>
        {
            using var prepared = Chain(20, 16, new CountingBackend(), out var data, threads);
            return RecipeSearch.Find(prepared, data, Long).Recipe.ToJson();
        });
        Assert.Single(recipes.Distinct());
    }

    /// <summary>One layer among many makes channels that differ greatly: that is found although neighbours are measured together.</summary>
    [Fact]
    public void What_costs_most_is_found_among_many()
    {
        using var prepared = Chain(40, 12, new CountingBackend(), out var data, uneven: 36);
        var options = Long with { Acceptable = double.NegativeInfinity };
        var found = RecipeSearch.Find(prepared, data, options);
        Assert.Contains("uneven", found.Recipe.Activations.Keys);
        Assert.True(found.Chosen.Decibels > found.Candidates[0].Step.Decibels + 1, $"{found.Chosen} after {found.Candidates[0].Step}");
    }

    [Fact]
    public void Of_two_forms_the_one_with_less_noise_is_searched()
    {
        using var fused = UnevenNetwork.Compensated().Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        Batch[] data = [UnevenNetwork.Batch(fused, 12)];
        prepared.Run(data[0].Inputs);
        using var equalized = RecipeSearch.Equalized(prepared, UnevenNetwork.Observe(fused))!;
        equalized.Run(data[0].Inputs);
        Assert.Same(equalized, RecipeSearch.Find([prepared, equalized], data, new() { LongEvaluation = 0 }).Form);
        Assert.Same(equalized, RecipeSearch.Find([equalized, prepared], data, new() { LongEvaluation = 0 }).Form);
        Assert.Same(equalized, RecipeSearch.Find([prepared, equalized], data, new() { ShortEvaluation = 0 }).Form);
    }

    /// <summary>Layers that compute the same amount, one after another.</summary>
    private static PreparedModel Chain(int layers, int samples, CountingBackend backend, out Batch[] data, int threads = 1, int uneven = -1)
    {
        var network = new TestModel().Input("x", -1, 4, 8, 8);
        var value = "x";
        for (var i = 0; i < layers; i++)
        {
            network.ConvBlock($"c{i}", value, 4, 4);
            value = $"c{i}.relu";
            if (i != uneven) continue;
            network.Constant("wide", Tensor.Of(Shape.Of(1, 4, 1, 1), [300f, 1f, 1f, 1f]))
                .Node("Mul", $"{value} wide", "uneven")
                .Constant("even", Tensor.Of(Shape.Of(1, 4, 1, 1), [1 / 300f, 1f, 1f, 1f]))
                .Node("Mul", "uneven even", "evened");
            value = "evened";
        }
        network.Output(value);
        var prepared = new FloatModel(network.Build().Model, new ExecutionOptions { Backend = backend, Threads = threads }).Fuse()
            .Prepare(QConfig.Default);
        data = [Batch.Of(network.Batch(samples)[""])];
        prepared.Run(data[0].Inputs);
        return prepared;
    }
}
