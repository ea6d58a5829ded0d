using Caliper.Fusion;
using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>Where the weights of an output channel lie in their tensor.</summary>
/// <param name="Outputs">Number of output channels.</param>
/// <param name="Taps">Weights of each.</param>
/// <param name="IsOutputFirst">Whether those of one channel lie together, as in a convolution; else those of one tap do.</param>
internal readonly record struct WeightPlaces(int Outputs, int Taps, bool IsOutputFirst)
{
    /// <summary>Of the weights of a Conv, Gemm or MatMul.</summary>
    public static WeightPlaces Of(Node layer, Tensor weights, int taps)
    {
        var axis = OutputAxis.Of(layer, weights.Shape);
        return new((int)weights.Shape[axis].Length, taps, axis == 0);
    }

    /// <summary>The place of one weight.</summary>
    public int Index(int output, int tap) => IsOutputFirst ? output * Taps + tap : tap * Outputs + output;

    /// <summary>The weights of a block of taps, in the order of its form.</summary>
    public T[] Of<T>(int output, Range block, QuadraticForm form, Func<int, T> value)
    {
        var result = new T[form.Length];
        for (var t = 0; t < result.Length; t++) result[t] = value(Index(output, block.Start.Value + form.Order[t]));
        return result;
    }
}
