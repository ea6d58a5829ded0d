using System.Collections.Immutable;
using Caliper.Analysis.Matching;
using Caliper.Analysis.Switching;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Analysis;

/// <summary>
/// What keeping layers float does to an int8 network: what the planner would do, asked of the planner. Only where the two plans differ does
/// anything change; what the int8 network has beyond them, such as tensors of 16 bits, stays as it is.
/// </summary>
internal sealed class Exclusion
{
    private readonly FusedModel _reference;
    private readonly Correspondence _matched;
    private readonly ImmutableArray<TensorError> _errors;
    private readonly QuantizationPlan _plan;

    public Exclusion(FusedModel reference, Correspondence matched, ImmutableArray<TensorError> errors)
    {
        (_reference, _matched, _errors) = (reference, matched, errors);
        var plain = Planner.Plan(reference, QConfig.Default);
        // An activation that would be float by our qconfig tells that the network was made by another.
        var qconfig = QConfig.Default with { QuantizeOutputs = matched.Tensors.Any(t => plain.SiteOf(t.Value) is null) };
        var weights = matched.Weights.Select(w => w.Layer).ToHashSet(StringComparer.Ordinal);
        Mapping = plain.Weights.Where(w => w.Layer.Role is OperatorRole.Linear && !weights.Contains(w.Layer.Name))
            .Aggregate(new QConfigMapping(qconfig), (all, w) => all.SetName(w.Layer.Name, null));
        _plan = Planner.Plan(reference, Mapping);
    }

    /// <summary>What is float already, as far as the int8 network tells.</summary>
    public QConfigMapping Mapping { get; }

    /// <summary>The same with further layers float.</summary>
    public QConfigMapping With(IEnumerable<string> layers) => layers.Aggregate(Mapping, (all, layer) => all.SetName(layer, null));

    /// <summary>What still rounds with some layers float.</summary>
    /// <param name="all">What rounds now.</param>
    /// <param name="layers">The layers.</param>
    public Switches Apply(Switches all, IEnumerable<string> layers)
    {
        var then = Planner.Plan(_reference, With(layers));
        var floats = Places(t => _plan.SiteOf(t.Value) is not null && then.SiteOf(t.Value) is null);
        var weights = _matched.Weights.Index().Where(w => IsIn(_plan, w.Item) && !IsIn(then, w.Item)).Select(w => w.Index);
        var rest = all.Without(floats) with { Weights = all.Weights.Except(weights) };
        // Tensors that shared a range and no longer do are given that which fits them.
        foreach (var site in then.Sites.Where(s => _plan.SiteOf(s.Id) is { } before && !before.Values.Order().SequenceEqual(s.Values.Order())))
        {
            int[] places = [.. Places(t => then.SiteOf(t.Value) == site).Where(rest.Tensors.ContainsKey)];
            if (places.Length == 0) continue;
            var own = new Int8Site([.. places.Select(p => _matched.Tensors[p])], [.. places]);
            rest = rest.With(places, RangeFit.Of(own, [.. places.Select(p => _errors[p])]).Fitting);
        }
        return rest;
    }

    private IEnumerable<int> Places(Func<Int8Tensor, bool> which) => _matched.Tensors.Index().Where(t => which(t.Item)).Select(t => t.Index);

    private static bool IsIn(QuantizationPlan plan, Int8Weight weight) =>
        plan.Weights.Any(w => w.Initializer == weight.Initializer && w.Layer.Name == weight.Layer);
}
