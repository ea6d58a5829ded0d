namespace Caliper.Tool.Options;

/// <summary>Which data, and how it becomes network inputs.</summary>
internal sealed record DataOptions
{
    /// <summary>A folder of images, an <c>.npy</c> or <c>.npz</c> file, or an IDX file.</summary>
    public required string Path { get; init; }

    /// <summary>Samples fed at a time.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>What happens to images.</summary>
    public ImageOptions Images { get; init; } = new();
}
