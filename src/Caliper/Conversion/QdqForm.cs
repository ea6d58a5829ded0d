using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Conversion;

/// <summary>Float operators whose inputs come from DequantizeLinear and whose result goes to QuantizeLinear.</summary>
internal class QdqForm(IntegerGraph target, WeightQuantization weights, QuantizationPlan plans) : IOperatorForm
{
    public virtual IEnumerable<string> Domains => [];

    protected IntegerGraph Target => target;

    protected WeightQuantization Weights => weights;

    public virtual void Append(LayerPlan plan)
    {
        var layer = plan.Layer;
        var node = layer.Operation;
        string[] inputs = plan.Role == OperatorRole.Linear && target.Source.Constant(node.Input(1)) is not null
            ? LinearInputs(plan)
            : [.. node.Inputs.Select(input => target.Source.Constant(input) is null ? Activation(plan, input) : Constant(plan, input))];
        if (plan.GivesFloat || plan.IsWide)
        {
            target.Add(node with { Inputs = [.. inputs] });
            AppendFloatTail(plan);
            return;
        }
        var result = target.NewName(layer.Output + "_float");
        if (layer.BiasAdd is { } add)
        {
            target.Add(node with { Inputs = [.. inputs] });
            target.Add(add with { Outputs = [result] });
        }
        else target.Add(node with { Inputs = [.. inputs], Outputs = [result] });
        Conversion.Activation.AppendTo(target, layer, target.Quantize(result, layer.Output));
    }

    /// <summary>Whether every tensor that a layer reads and makes has 8 bits or is float, and its weights have 8.</summary>
    protected bool IsNarrow(LayerPlan plan) =>
        !plan.IsWide && !plan.HasFloatWeights
        && !plan.Layer.Operation.Inputs.Any(plan.Role == OperatorRole.Linear ? plans.HasWideProducts : plans.IsWide);

    /// <summary>Bias and activation of a layer whose result stays float.</summary>
    protected void AppendFloatTail(LayerPlan plan)
    {
        foreach (var node in plan.Layer.Nodes.Skip(1)) target.Add(node);
        target.HasFloat(plan.Layer.Output);
    }

    /// <summary>An activation of 16 bits is rounded, to those or to 8, only for those who multiply it in integers.</summary>
    private string Activation(LayerPlan plan, string value) =>
        plans.IsWide(value) && (plan.Role != OperatorRole.Linear || plan.HasFloatWeights) ? target.Float(value) : target.Dequantized(value);

    /// <summary>Among values of 16 bits, a constant need not have 8.</summary>
    private string Constant(LayerPlan plan, string input) => plan.IsWide ? input : weights.Dequantized(plan.Layer, input);

    private string[] LinearInputs(LayerPlan plan)
    {
        var node = plan.Layer.Operation;
        var activation = Activation(plan, node.Inputs[0]);
        if (plan.HasFloatWeights) return [activation, .. node.Inputs.Skip(1)];
        if (plans.HasWideProducts(node.Inputs[0]))
        {
            // In steps of a 16-bit scale a bias would overflow int32.
            var (kernel, floats) = weights.OfLinearWithFloatBias(plan.Layer);
            return floats is null ? [activation, weights.Dequantized(kernel)] : [activation, weights.Dequantized(kernel), floats];
        }
        var (weight, bias) = weights.OfLinear(plan.Layer);
        return bias is null ? [activation, weights.Dequantized(weight)] : [activation, weights.Dequantized(weight), weights.Dequantized(bias)];
    }
}
