using Caliper.Preparation;

namespace Caliper.Conversion;

/// <summary>Float operators whose inputs come from DequantizeLinear and whose result goes to QuantizeLinear.</summary>
internal class QdqForm(IntegerGraph target, WeightQuantization weights) : IOperatorForm
{
    public virtual IEnumerable<string> Domains => [];

    protected IntegerGraph Target => target;

    protected WeightQuantization Weights => weights;

    public virtual void Append(LayerPlan plan)
    {
        var layer = plan.Layer;
        var node = layer.Operation;
        var inputs = plan.Role == OperatorRole.Linear && target.Source.Constant(node.Input(1)) is not null
            ? LinearInputs(plan)
            : [.. node.Inputs.Select(input =>
                target.Source.Constant(input) is null ? target.Dequantized(input) : weights.Dequantized(layer, input))];
        if (plan.GivesFloat)
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
        Activation.AppendTo(target, layer, target.Quantize(result, layer.Output));
    }

    /// <summary>Bias and activation of a layer whose result stays float.</summary>
    protected void AppendFloatTail(LayerPlan plan)
    {
        foreach (var node in plan.Layer.Nodes.Skip(1)) target.Add(node);
        target.HasFloat(plan.Layer.Output);
    }

    private string[] LinearInputs(LayerPlan plan)
    {
        var node = plan.Layer.Operation;
        var activation = target.Dequantized(node.Inputs[0]);
        var (weight, bias) = weights.OfLinear(plan.Layer);
        var kernel = weights.Dequantized(weight);
        return bias is null ? [activation, kernel] : [activation, kernel, weights.Dequantized(bias)];
    }
}
