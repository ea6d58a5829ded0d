namespace Caliper.Torch.Tests;

internal static class CaliperError
{
    /// <summary>What is done ends in an error for the user whose message contains a part.</summary>
    public static void Says(string part, Action action) =>
        Assert.Contains(part, Assert.Throws<CaliperException>(action).Message, StringComparison.Ordinal);
}
