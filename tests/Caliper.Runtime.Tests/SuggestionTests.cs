namespace Caliper.Runtime.Tests;

public class SuggestionTests
{
    private static readonly string[] Known = ["minmax", "moving-average-minmax", "histogram", "mse", "layer1.0.conv1", "layer1.0.conv2"];

    [Theory]
    [InlineData("minmx", "minmax")]
    [InlineData("MinMax", "minmax")]
    [InlineData("histogarm", "histogram")]
    [InlineData("msee", "mse")]
    [InlineData("layer1.conv1", "layer1.0.conv1")]
    public void A_slip_of_the_pen_is_guessed(string written, string meant) =>
        Assert.Equal($" Did you mean '{meant}'?", Suggestion.For(written, Known));

    [Theory]
    [InlineData("x")]
    [InlineData("percentile")]
    [InlineData("")]
    public void What_is_like_nothing_is_not(string written) => Assert.Equal("", Suggestion.For(written, Known));
}
