using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>A Resize to sizes that must keep the ratio of its axes: <c>keep_aspect_ratio_policy</c>.</summary>
internal static class ResizeRatio
{
    /// <summary>The one scale of all axes, or null where each has its own.</summary>
    /// <param name="node">The node.</param>
    /// <param name="lengths">What the axes have.</param>
    /// <param name="sizes">What they should have at most, or at least.</param>
    public static float? Of(Node node, ReadOnlySpan<long> lengths, ReadOnlySpan<long> sizes)
    {
        var isLeast = node.Text("keep_aspect_ratio_policy", "stretch") switch
        {
            "stretch" => (bool?)null,
            "not_larger" => true,
            "not_smaller" => false,
            var other => throw NodeFault.Of(node, $"has the keep_aspect_ratio_policy '{other}'"),
        };
        if (isLeast is null || lengths.Length == 0) return null;
        var scale = (float)sizes[0] / lengths[0];
        for (var i = 1; i < lengths.Length; i++)
            scale = isLeast.Value ? Math.Min(scale, (float)sizes[i] / lengths[i]) : Math.Max(scale, (float)sizes[i] / lengths[i]);
        return scale;
    }

    /// <summary>How long an axis is at such a scale.</summary>
    public static long Length(long length, float scale) => checked((long)MathF.Floor(length * scale + 0.5f));
}
