namespace Caliper.Engine.Values;

/// <summary>Geometry of a two-dimensional convolution's window; the spatial axis of a one-dimensional one is its width.</summary>
internal sealed record Window(
    int KernelHeight, int KernelWidth, int StrideY, int StrideX, int DilationY, int DilationX, int Top, int Left, int Bottom, int Right);
