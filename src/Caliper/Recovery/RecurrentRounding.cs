using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Recovery;

/// <summary>
/// Rounds the weights of an LSTM, GRU or RNN so that their errors cancel in the sums of its gates (<see cref="WeightRounder"/>). What is left
/// at each step comes back at the next: over a long stream a gate that is off by its mean fills a cell more than its noise does, so that the
/// mean of what is multiplied counts like all else.
/// </summary>
internal static class RecurrentRounding
{
    /// <summary>Rounds weights of the shape directions × rows × what they multiply; null where the moments are not of their kind.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="parameters">The scale of each row, the same for both directions. They stay.</param>
    /// <param name="moments">Of what is multiplied, a group for each direction or one for both.</param>
    /// <param name="threads">Number of threads; 0 for one per processor.</param>
    public static Tensor? Round(Tensor weights, QuantizationParameters parameters, LayerMoments moments, int threads)
    {
        var directions = (int)weights.Shape[0].Length;
        var rows = weights.Reshape(Shape.Of(directions * weights.Shape[1].Length, weights.Shape[2].Length));
        var start = QuantizationParameters.PerChannel(parameters.Type, [.. Enumerable.Repeat(parameters.Scales, directions).SelectMany(s => s)],
            [.. Enumerable.Repeat(parameters.ZeroPoints, directions).SelectMany(z => z)], 0);
        return WeightRounder.Round(0, rows, start, moments, new RoundingOptions(IsMeanCorrected: false, 0, LeastScales: null, threads))
            ?.Integers.Reshape(weights.Shape);
    }
}
