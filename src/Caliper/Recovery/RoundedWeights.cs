using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Recovery;

/// <summary>Weights in integers.</summary>
/// <param name="Integers">The integers, in the shape of the weights.</param>
/// <param name="Parameters">What they stand for.</param>
/// <param name="NearestErrors">For each output channel, the mean square error at the layer's output if each weight were rounded to the
/// nearest integer.</param>
/// <param name="Errors">The same with these integers; never above it.</param>
internal sealed record RoundedWeights(
    Tensor Integers, QuantizationParameters Parameters, ImmutableArray<double> NearestErrors, ImmutableArray<double> Errors);
