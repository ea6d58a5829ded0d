namespace Caliper.Engine.Values;

/// <summary>For each index of the output the two of the input it lies between.</summary>
/// <param name="Low">The lower one, or the nearest.</param>
/// <param name="High">The upper one.</param>
/// <param name="Weight">Share of the upper one.</param>
internal sealed record ResampleAxis(int[] Low, int[] High, float[] Weight)
{
    /// <summary>The least and the greatest index of the input.</summary>
    public (long Least, long Greatest) Range => Low.Length == High.Length && Low.Length == Weight.Length
        ? (Math.Min(Low.Min(), High.Min()), Math.Max(Low.Max(), High.Max()))
        : throw new ArgumentException("An axis has as many lower as upper indices and weights.");

    /// <summary>An axis of one element that stays as it is.</summary>
    public static ResampleAxis Single => new([0], [0], [0]);
}
