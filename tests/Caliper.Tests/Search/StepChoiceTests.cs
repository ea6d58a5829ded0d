using System.Globalization;
using Caliper.Search;

namespace Caliper.Tests.Search;

/// <summary>Points are written as decibels @ added work.</summary>
public class StepChoiceTests
{
    private static readonly SearchOptions Options =
        new() { Aim = 40, Least = 30, Acceptable = 27, MostWork = 0.25 };

    [Theory]
    [InlineData("17@0 41@0.1 45@0.2", 41)]
    [InlineData("17@0 31@0.1 33@0.2 39@0.3", 33)]
    // half the noise for a quarter more, no less;
    [InlineData("17@0 31@0.1 31.5@0.15 33@0.24", 33)]
    [InlineData("17@0 32.6@0.04 33.1@0.11 34.6@0.24", 32.6)]
    [InlineData("17@0 28@0.2 29@0.5 31@0.7 34@0.9", 28)]
    // where little work is too little, it is spent on what is enough,
    [InlineData("17@0 26@0.2 28@0.5 29@0.55 31@0.9", 29)]
    // and where nothing is enough, on the best there is.
    [InlineData("17@0 25@0.2 26@0.5 24@0.7", 26)]
    public void Within_limits_little_work_is_spent_on_much_and_all_of_it_on_enough(string points, double expected) =>
        Assert.Equal(expected, StepChoice.Within(Steps(points), Options).Decibels);

    [Theory]
    // What is enough,
    [InlineData("17@0 26@0.6 29@1 29.5@1.15 33@1.5 45@3", 33)]
    // not more,
    [InlineData("17@0 29@1 30@1.05 31@1.1 34@1.15", 30)]
    // unless hardly more work leaves half the noise,
    [InlineData("19@0.24 31@1.13 47@1.21 51@2.4", 47)]
    // and where nothing is enough, the best there is.
    [InlineData("17@0 20@1 28@2", 28)]
    public void Beyond_them_it_is_what_is_enough_and_what_is_worth_more(string points, double expected) =>
        Assert.Equal(expected, StepChoice.Beyond(Steps(points), Options).Decibels);

    [Theory]
    [InlineData("17@0 28@0.2 31@0.5", 31)]
    [InlineData("17@0 26@0.2 29@0.5", 29)]
    public void Of_states_less_than_the_least_is_not_enough(string points, double expected) =>
        Assert.Equal(expected, StepChoice.Within(Steps(points), Options.OfStates).Decibels);

    private static SearchStep[] Steps(string points) =>
    [
        .. points.Split(' ').Select(p => p.Split('@').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray())
            .Select(p => new SearchStep(p[0], 0, 0, p[1], 0)),
    ];
}
