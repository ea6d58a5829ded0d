using System.Collections.Immutable;
using Caliper.Imaging;

namespace Caliper.Tool.Options;

/// <summary>What happens to an image before the network sees it: a preset, its parts replaced one by one.</summary>
internal sealed record ImageOptions
{
    /// <summary>Name of the preset to start from.</summary>
    public string? Preset { get; init; }

    /// <summary>Size after resizing.</summary>
    public Resize? Resize { get; init; }

    /// <summary>What is cut from the centre.</summary>
    public ImageSize? Crop { get; init; }

    /// <summary>What a pixel is multiplied by.</summary>
    public double? Scale { get; init; }

    /// <summary>What is then subtracted, for each channel.</summary>
    public ImmutableArray<float> Mean { get; init; } = [];

    /// <summary>What the difference is then divided by, for each channel.</summary>
    public ImmutableArray<float> Std { get; init; } = [];

    /// <summary>Order of the channels.</summary>
    public ChannelOrder? Channels { get; init; }
}

/// <summary>A resize: to a length of the short side, or to an exact size.</summary>
internal sealed record Resize(int? ShortSide, ImageSize? Exact);
