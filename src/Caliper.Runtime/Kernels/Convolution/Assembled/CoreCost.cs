using System.Collections.Immutable;
using Caliper.Assembly;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>What the vectors of 512 bits of a kind of core cost tiles, in cycles, as measured by <c>bench -- tiles</c>.</summary>
/// <param name="ProductsPerCycle">Vectors of products that a cycle adds.</param>
/// <param name="LoadsPerCycle">Vectors that a cycle loads or copies to all lanes.</param>
/// <param name="Latency">So long a sum waits for its previous product.</param>
/// <param name="CyclesToBegin">Pointers and the first sums of a tile.</param>
/// <param name="Finish">Finishing a vector of sums, alone.</param>
/// <param name="FinishAmongProducts">What is left of it in a tile of two halves.</param>
/// <param name="FinishResidual">Finishing a vector to which another tensor is added, alone.</param>
/// <param name="FinishResidualAmongProducts">What is left of it in a tile of two halves.</param>
/// <param name="Parting">What parting a vector of bytes among pixels costs each pixel, which has one vector of sums, two, three or four.</param>
/// <param name="FirstLevelBytes">Weights that stay in the first-level cache.</param>
/// <param name="BytesPerCycle">How fast others come from the second.</param>
/// <param name="ReadsAhead">Whether it helps to ask for the next block's weights while this one's are multiplied.</param>
internal sealed record CoreCost(
    double ProductsPerCycle, double LoadsPerCycle, double Latency, double CyclesToBegin, double Finish, double FinishAmongProducts,
    double FinishResidual, double FinishResidualAmongProducts, ImmutableArray<double> Parting, int FirstLevelBytes, double BytesPerCycle,
    bool ReadsAhead)
{
    /// <summary>Measured on a Zen 4: an epilogue hides among products.</summary>
    public static CoreCost Zen { get; } = new(
        ProductsPerCycle: 1, LoadsPerCycle: 1, Latency: 4, CyclesToBegin: 12, Finish: 2.6, FinishAmongProducts: 1,
        FinishResidual: 9, FinishResidualAmongProducts: 4, Parting: [0, 0, 0, 0], FirstLevelBytes: 24 * 1024, BytesPerCycle: 18,
        ReadsAhead: false);

    /// <summary>Measured on an Emerald Rapids: nothing hides an epilogue, and each half of a tile would have too few sums for a latency of
    /// five.</summary>
    public static CoreCost Cove { get; } = new(
        ProductsPerCycle: 2, LoadsPerCycle: 2, Latency: 5, CyclesToBegin: 8, Finish: 1.6, FinishAmongProducts: 1.6,
        FinishResidual: 6.5, FinishResidualAmongProducts: 6.5, Parting: [1, 0.6, 1.6, 0], FirstLevelBytes: 20 * 1024, BytesPerCycle: 20,
        ReadsAhead: true);

    /// <summary>Those of a kind of core.</summary>
    public static CoreCost Of(CoreKind kind) => kind is CoreKind.Cove ? Cove : Zen;
}
