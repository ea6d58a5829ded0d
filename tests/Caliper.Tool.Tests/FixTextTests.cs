using Caliper.Analysis;
using Caliper.Tool.Reports;

namespace Caliper.Tool.Tests;

/// <summary>What mends a finding, in the command's words.</summary>
public class FixTextTests
{
    [Theory]
    [InlineData(FixKind.KeepFloat, "--exclude 'a' --exclude 'b.c'")]
    [InlineData(FixKind.Recalibrate,
        "In the file for --qconfig: \"name\": { \"a\": \"caliper\", \"b.c\": \"caliper\" }, and calibrate with data like this")]
    [InlineData(FixKind.PerChannelWeights,
        "In the file for --qconfig: \"name\": { \"a\": \"caliper\", \"b.c\": \"caliper\" }, which gives each channel a scale of its own")]
    public void A_fix_is_told_by_options(FixKind kind, string expected) => Assert.Equal(expected, FixText.Of(new Fix(kind, ["a", "b.c"])));

    [Theory]
    [InlineData(FixKind.KeepFloat)]
    [InlineData(FixKind.Recalibrate)]
    [InlineData(FixKind.PerChannelWeights)]
    [InlineData(FixKind.Preprocess)]
    public void The_library_names_no_option(FixKind kind) => Assert.DoesNotContain("--", new Fix(kind, ["a"]).ToString(), StringComparison.Ordinal);
}
