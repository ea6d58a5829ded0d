using System.Collections.Immutable;

namespace Caliper.Tool.Options;

/// <summary>What happens to an image before the network sees it: a preset, its parts replaced one by one.</summary>
internal sealed record ImageOptions
{
    /// <summary>Name of the preset to start from.</summary>
    public string? Preset { get; init; }

    /// <summary>Length of the short side after resizing, in pixels.</summary>
    public int? Resize { get; init; }

    /// <summary>Side of the square cut from the centre, in pixels.</summary>
    public int? Crop { get; init; }

    /// <summary>What a pixel is multiplied by.</summary>
    public double? Scale { get; init; }

    /// <summary>What is then subtracted, for each channel.</summary>
    public ImmutableArray<float> Mean { get; init; } = [];

    /// <summary>What the difference is then divided by, for each channel.</summary>
    public ImmutableArray<float> Std { get; init; } = [];

    /// <summary>Order of the channels.</summary>
    public string? Channels { get; init; }
}
