namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>One loop of a walk: so often, so many bytes further each time.</summary>
internal readonly record struct WalkLevel(int Count, int ByteStride);

/// <summary>
/// The order in which one output pixel reads its inputs, four channels at a time: window rows, window columns, channels.
/// Levels whose bytes follow each other without a gap become one, so that a window over a packed plane is read as few long
/// runs; three channels of seven columns, for one, are 21 bytes in six quads instead of seven.
/// </summary>
internal sealed record KernelWalk : Walk
{
    /// <summary>Window rows, columns, quads of channels: outermost first. Never empty.</summary>
    public IReadOnlyList<WalkLevel> Levels { get; }

    /// <summary>Quads from first to last.</summary>
    public override int Quads { get; }

    // Bytes that follow each other: channels of a tap, or of a whole window row.
    private readonly int _runLength;
    private readonly int _runsPerRow;

    public KernelWalk(ConvolutionShape shape)
    {
        var rowIsOneRun = shape.Input.Pixel == shape.InputChannels && shape.DilationX == 1;
        (_runLength, _runsPerRow) = rowIsOneRun
            ? (shape.InputChannels * shape.KernelWidth, 1)
            : (shape.InputChannels, shape.KernelWidth);
        WalkLevel[] all =
        [
            new(shape.KernelHeight, shape.DilationY * shape.Input.Row),
            new(_runsPerRow, shape.DilationX * shape.Input.Pixel),
            new((_runLength + 3) / 4, 4),
        ];
        Levels = Joined(all);
        Quads = all.Aggregate(1, (quads, level) => quads * level.Count);
    }

    public override int WeightAt(int quad, int byteOfQuad)
    {
        var quadsPerRun = (_runLength + 3) / 4;
        var (run, quadOfRun) = Math.DivRem(quad, quadsPerRun);
        var byteOfRun = 4 * quadOfRun + byteOfQuad;
        return byteOfRun < _runLength ? run * _runLength + byteOfRun : -1;
    }

    /// <summary>Walks are equal where they take the same way; what lies there does not matter.</summary>
    public bool Equals(KernelWalk? other) => other is not null && Levels.SequenceEqual(other.Levels);

    /// <inheritdoc/>
    public override int GetHashCode() => Levels.Aggregate(0, HashCode.Combine);

    private static List<WalkLevel> Joined(WalkLevel[] all)
    {
        var levels = new List<WalkLevel>();
        foreach (var level in all.Reverse().Where(l => l.Count > 1))
        {
            if (levels.Count > 0 && level.ByteStride == levels[0].Count * levels[0].ByteStride)
                levels[0] = levels[0] with { Count = levels[0].Count * level.Count };
            else levels.Insert(0, level);
        }
        return levels.Count > 0 ? levels : [all[^1]];
    }
}
