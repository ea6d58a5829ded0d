namespace Caliper.Engine.Values;

/// <summary>For each index of the output the two of the input it lies between.</summary>
/// <param name="Low">The lower one, or the nearest.</param>
/// <param name="High">The upper one.</param>
/// <param name="Weight">Share of the upper one.</param>
internal sealed record ResampleAxis(int[] Low, int[] High, float[] Weight)
{
    /// <summary>An axis of one element that stays as it is.</summary>
    public static ResampleAxis Single => new([0], [0], [0]);
}
