using Caliper.Search;

namespace Caliper.Tests.Search;

/// <summary>Which of two forms of a network is taken, and on how many samples that is found.</summary>
public sealed class SearchedFormTests
{
    private static readonly SearchOptions Options = new() { Aim = 40, Least = 30, Acceptable = 30 };

    [Fact]
    public void Within_the_limits_the_better_form_is_taken_and_of_good_ones_the_cheaper()
    {
        Assert.True(Form(35, 0.2, 35, 0.2).IsBetterThan(Form(33, 0.1, 33, 0.1), Options));
        Assert.True(Form(42, 0.1, 42, 0.1).IsBetterThan(Form(50, 0.2, 50, 0.2), Options));
        Assert.False(Form(42, 0.2, 42, 0.2).IsBetterThan(Form(50, 0.1, 50, 0.1), Options));
    }

    /// <summary>An encoder's LayerNorms, divided, are better in 8 bits; with more bits the form that was left alone needs less work.</summary>
    [Fact]
    public void Where_limits_gave_way_for_both_counts_what_they_come_to_beyond_them()
    {
        var (divided, plain) = (Form(27, 0.3, 34, 6.8), Form(20, 0.2, 35, 1.7));
        Assert.True(plain.IsBetterThan(divided, Options));
        Assert.False(divided.IsBetterThan(plain, Options));
        Assert.True(Form(31, 0.2, 31, 0.2).IsBetterThan(plain, Options));
        Assert.True(Form(20, 0.2, 29, 1).IsBetterThan(Form(21, 0.2, 28, 0.5), Options));
    }

    [Theory]
    [InlineData(2, 256)]
    [InlineData(4, 32)]
    public void Of_short_samples_more_are_looked_at(int rank, int expected)
    {
        var model = new TestModel();
        var network = rank == 2 ? model.Input("x", -1, 1024).Weights("w", 1, 1024, 1024).Node("MatMul", "x w", "y").Output("y")
            : model.Input("x", -1, 3, 64, 64).ConvBlock("y", "x", 3, 16).Output("y.relu");
        using var fused = network.Build().Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        Assert.Equal(expected, RecipeSearch.MostSamples(prepared, Options));
    }

    /// <summary>A state comes out as it went in, also where batches are of any size.</summary>
    [Theory]
    [InlineData(1, 4, true)]
    [InlineData(-1, 4, true)]
    [InlineData(-1, 6, false)]
    public void An_output_of_the_shape_of_an_input_may_be_fed_back(int batch, int channels, bool expected) =>
        Assert.Equal(expected, MayFeedBack(new TestModel().Input("x", batch, 3, 8, 8).Input("state", batch, channels, 8, 8)
            .ConvBlock("a", "x", 3, 4).ConvBlock("b", "state", channels, 4).Node("Add", "a.relu b.relu", "y").Output("y")));

    [Fact]
    public void An_image_of_the_size_of_the_only_input_is_no_state() =>
        Assert.False(MayFeedBack(new TestModel().Input("x", 1, 4, 8, 8).ConvBlock("y", "x", 4, 4).Output("y.relu")));

    private static bool MayFeedBack(TestModel model)
    {
        using var fused = model.Build().Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        return RecipeSearch.MayFeedBack(prepared);
    }

    private static SearchedForm Form(double within, double withinWork, double chosen, double work) =>
        new(SearchResult.Nothing with { Chosen = Step(chosen, work) }, Step(within, withinWork));

    private static SearchStep Step(double decibels, double work) => new(decibels, 0, 0, work, 0);
}
