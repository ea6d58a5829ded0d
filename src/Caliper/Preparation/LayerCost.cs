using System.Collections.Immutable;

namespace Caliper.Preparation;

/// <summary>What one layer costs, known from the plan alone.</summary>
/// <param name="Plan">The layer, and what becomes of it.</param>
/// <param name="MultiplyAdds">
/// Multiplications of one sample, each with its addition. A convolution's are counted at its borders too; 0 for a layer that is
/// no Conv, ConvTranspose, Gemm or MatMul; null where the shapes are not known.
/// </param>
/// <param name="FloatBytes">Bytes of its weights in float32: of all its constants that have an axis.</param>
/// <param name="Int8Bytes">
/// Bytes of the same constants once converted: one for each element in int8, five for each scale with its zero point, four for each element of
/// an int32 bias and of what stays float. The same as <paramref name="FloatBytes"/> for a layer that stays float.
/// </param>
public sealed record LayerCost(LayerPlan Plan, long? MultiplyAdds, long FloatBytes, long Int8Bytes)
{
    /// <summary>Bits of eight that each output channel of its weights would keep if all shared one scale, the narrowest channel first; empty
    /// where no weights with channels become int8.</summary>
    public ImmutableArray<double> ChannelBits { get; init; } = [];
}
