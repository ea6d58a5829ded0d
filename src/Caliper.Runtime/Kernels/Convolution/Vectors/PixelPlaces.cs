namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>Where pixels lie in the output, and in a tensor beside it: the residual's other operand, or the lower bytes of words. Distances in
/// bytes.</summary>
internal interface IPixelPlaces
{
    /// <summary>Where a pixel of the output lies.</summary>
    long Output(int pixel);

    /// <summary>Where it lies in the other tensor.</summary>
    long Beside(int pixel);
}

/// <summary>Pixels of a row, at equal distances.</summary>
internal readonly struct EvenPlaces(int step, int stepBeside) : IPixelPlaces
{
    public long Output(int pixel) => (long)pixel * step;

    public long Beside(int pixel) => (long)pixel * stepBeside;
}

/// <summary>Pixels of a list, which may go over the ends of rows and images.</summary>
internal readonly unsafe struct ListedPlaces(long* outputs, long* beside) : IPixelPlaces
{
    public long Output(int pixel) => outputs[pixel];

    public long Beside(int pixel) => beside[pixel];
}
