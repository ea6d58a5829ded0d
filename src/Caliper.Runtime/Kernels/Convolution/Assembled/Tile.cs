using Caliper.Assembly;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>Pixels whose sums are in registers at one time, and which registers.</summary>
/// <param name="Pixels">Where each pixel's inputs lie.</param>
/// <param name="Layout">The block of output channels.</param>
/// <param name="Sums">The first register of sums: vector after vector of pixel after pixel.</param>
/// <param name="Weights">The first register of weights, one for each vector; inputs come after them.</param>
/// <param name="InputsEnd">One past the last register of inputs.</param>
internal readonly record struct Tile(Place[] Pixels, BlockLayout Layout, int Sums, int Weights, int InputsEnd)
{
    /// <summary>The first register of inputs.</summary>
    public int Inputs => Weights + Layout.Vectors;

    /// <summary>The register of one vector of sums.</summary>
    public int Sum(int pixel, int vector) => Sums + pixel * Layout.Vectors + vector;
}
