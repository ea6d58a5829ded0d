using System.Collections.Immutable;
using Caliper.Numerics;
using Caliper.Ranges;
using Caliper.Statistics;

namespace Caliper.Reporting.Html;

/// <summary>The range that a method chooses for a tensor, and what it is predicted to cost.</summary>
/// <param name="Method">The method; null for a range that none of them chooses.</param>
/// <param name="Label">Its name as the report writes it.</param>
/// <param name="Parameters">Scale and zero point.</param>
/// <param name="Error">The predicted error.</param>
/// <param name="IsUsed">Whether the network has this scale and zero point.</param>
internal sealed record RangeChoice(RangeMethod? Method, string Label, QuantizationParameters Parameters, QuantizationError Error, bool IsUsed)
{
    /// <summary>What every method chooses; where none chooses what the network has, that comes first.</summary>
    /// <param name="statistics">What was observed; not empty.</param>
    /// <param name="used">What the network has.</param>
    /// <param name="isSymmetric">Whether its zero points are fixed in the middle.</param>
    /// <param name="own">The method that was asked for, where it is known.</param>
    public static ImmutableArray<RangeChoice> All(TensorStatistics statistics, QuantizationParameters used, bool isSymmetric, RangeMethod? own)
    {
        RangeMethod?[] more = [QConfig.Default.Activation.UsedMethod, own];
        var named = RangeMethod.All.SelectMany(m => more.OfType<RangeMethod>().Where(o => o.Name == m.Name).Prepend(m));
        // A method that users wrote comes last.
        var methods = named.Concat(more.OfType<RangeMethod>()).Distinct();
        var choices = methods.Select(method => Of(method, statistics, used, isSymmetric)).ToImmutableArray();
        return choices.Any(c => c.IsUsed)
            ? choices
            : [new(null, "in the model", used, QuantizationError.Predict(statistics, used), true), .. choices];
    }

    private static RangeChoice Of(RangeMethod method, TensorStatistics statistics, QuantizationParameters used, bool isSymmetric)
    {
        // What auto stands for is of interest, not only what it gives.
        var label = method is AutoRange auto ? $"{method} ({auto.MethodFor(statistics, used.Type, isSymmetric).Name})" : method.ToString();
        var (min, max) = method.Choose(statistics, used.Type, isSymmetric);
        var parameters = RangeRule.PerTensor(used.Type, isSymmetric).Calculate((min, max));
        return new(method, label, parameters, QuantizationError.Predict(statistics, parameters), parameters == used);
    }
}
