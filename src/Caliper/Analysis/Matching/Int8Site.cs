using System.Collections.Immutable;
using Caliper.Numerics;

namespace Caliper.Analysis.Matching;

/// <summary>The tensors that share one scale and zero point.</summary>
/// <param name="Tensors">The tensors, in execution order.</param>
/// <param name="Places">Their places in the correspondence.</param>
internal sealed record Int8Site(ImmutableArray<Int8Tensor> Tensors, ImmutableArray<int> Places)
{
    /// <summary>The layer that makes the first of them.</summary>
    public string Layer => Tensors[0].Layer;

    /// <summary>Their scale and zero point.</summary>
    public QuantizationParameters Parameters => Tensors[0].Parameters;

    /// <summary>All sites, in execution order of their first tensors.</summary>
    public static ImmutableArray<Int8Site> AllOf(Correspondence matched) =>
        [.. matched.Tensors.Index().GroupBy(t => (t.Item.Scale, t.Item.ZeroPoint))
            .Select(g => new Int8Site([.. g.Select(t => t.Item)], [.. g.Select(t => t.Index)]))];
}
