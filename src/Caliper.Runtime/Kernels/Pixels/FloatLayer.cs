using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>A convolution of floats: what its kernels are made for, besides where its images lie.</summary>
/// <param name="Window">Geometry.</param>
/// <param name="Groups">Output channels are split into so many groups, each reading its share of the input channels.</param>
/// <param name="Channels">Channels read and written.</param>
/// <param name="Weights">Output channel × input channel of the group × window row × window column.</param>
/// <param name="Bias">Of each output channel; empty for none.</param>
internal sealed record FloatLayer(Window Window, int Groups, (int Inputs, int Outputs) Channels, Tensor Weights, float[] Bias)
{
    /// <summary>What the sums are cut off at.</summary>
    public FloatBounds Bounds { get; init; }

    /// <summary>Whether each output channel reads the one input channel of the same index.</summary>
    public bool IsDepthwise => Groups > 1 && Groups == Channels.Inputs && Groups == Channels.Outputs;

    /// <summary>Rows times a matrix of output × input.</summary>
    public static FloatLayer OfMatrix(Tensor weights, float[] bias) => new(
        new Window(1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 1, ((int)weights.Shape[1].Length, (int)weights.Shape[0].Length), weights, bias);
}
