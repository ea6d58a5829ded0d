namespace Caliper.Engine.Values;

/// <summary>Geometry of a two-dimensional convolution's window; the spatial axis of a one-dimensional one is its width.</summary>
internal sealed record Window(
    int KernelHeight, int KernelWidth, int StrideY, int StrideX, int DilationY, int DilationX, int Top, int Left, int Bottom, int Right)
{
    /// <summary>Whether it is all of an image, N×C×W or N×C×H×W.</summary>
    public bool IsWhole(int[] shape) => (Top, Left, Bottom, Right, DilationY, DilationX) == (0, 0, 0, 0, 1, 1)
        && KernelWidth == shape[^1] && KernelHeight == (shape.Length > 3 ? shape[^2] : 1);

    /// <summary>How many taps lie in the image or its padding: a last window that was rounded up reaches beyond both.</summary>
    public int TapsWithPads(int y, int x, int height, int width) =>
        CountOf(height + Bottom + Top - y * StrideY, KernelHeight, DilationY) * CountOf(width + Right + Left - x * StrideX, KernelWidth, DilationX);

    private static int CountOf(int room, int kernel, int dilation) => Math.Clamp((room - 1) / dilation + 1, 1, kernel);
}
