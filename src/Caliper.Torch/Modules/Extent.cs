using System.Globalization;

namespace Caliper.Torch.Modules;

/// <summary>Two numbers for the two axes of an image: <c>3</c> stands for 3×3, <c>(1, 3)</c> for height 1 and width 3.</summary>
/// <param name="Height">Along the height, in pixels.</param>
/// <param name="Width">Along the width, in pixels.</param>
public readonly record struct Extent(int Height, int Width)
{
    /// <summary>The same number along both axes.</summary>
    public static implicit operator Extent(int both) => new(both, both);

    /// <summary>Height and width.</summary>
    public static implicit operator Extent((int Height, int Width) extent) => new(extent.Height, extent.Width);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Height}×{Width}");

    internal long[] ToArray() => [Height, Width];

    /// <summary>ONNX lists the padding at the beginning of all axes, then at their ends.</summary>
    internal long[] ToPads() => [Height, Width, Height, Width];
}
