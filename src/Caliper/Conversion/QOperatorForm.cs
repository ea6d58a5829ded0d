using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Conversion;

/// <summary>
/// Integer operators by name: those of ONNX (QLinearConv, QLinearMatMul), and where ONNX has none, those of ONNX Runtime
/// (domain <c>com.microsoft</c>). What neither has, and what has more
/// than 8 bits, is written as in the QDQ form.
/// </summary>
internal sealed class QOperatorForm(IntegerGraph target, WeightQuantization weights, QuantizationPlan plans) : QdqForm(target, weights, plans)
{
    private const string Microsoft = "com.microsoft";
    private bool _usesMicrosoft;

    public override IEnumerable<string> Domains => _usesMicrosoft ? [Microsoft] : [];

    public override void Append(LayerPlan plan)
    {
        var node = plan.Layer.Operation;
        if (!IsNarrow(plan))
        {
            base.Append(plan);
            return;
        }
        switch (OperatorCatalogue.ProductOf(node))
        {
            case ProductKind.Convolution when plan.GivesFloat: base.Append(plan); break;
            case ProductKind.Convolution: AppendConv(plan); break;
            case ProductKind.Gemm: AppendGemm(plan); break;
            case ProductKind.MatMul: AppendMatMul(plan); break;
            case ProductKind.TransposedConvolution: base.Append(plan); break;
            default: AppendOther(plan, node); break;
        }
    }

    private void AppendOther(LayerPlan plan, Node node)
    {
        switch (node.OpType)
        {
            case "Add" or "Mul": AppendBinary(plan); break;
            case "GlobalAveragePool": AppendUnary(plan, node.With("channels_last", 0)); break;
            case "Softmax": AppendUnary(plan, node.With("opset", QuantizedModel.MinimumOpset)); break;
            default:
                if (NameOf(node) is null) base.Append(plan);
                else AppendUnary(plan, node);
                break;
        }
    }

    private void AppendConv(LayerPlan plan)
    {
        var (node, output) = (plan.Layer.Operation, plan.Layer.Output);
        var (weight, bias) = Weights.OfLinear(plan.Layer);
        string[] inputs = [.. Operand(node.Inputs[0]), .. Weights.Operand(weight), .. Target.ScaleAndZeroPoint(output)];
        Finish(plan, node with { OpType = NameOf(node)!, Inputs = bias is null ? [.. inputs] : [.. inputs, Weights.Integers(bias)] });
    }

    private void AppendGemm(LayerPlan plan)
    {
        var node = plan.Layer.Operation;
        var (weight, bias) = Weights.OfLinear(plan.Layer);
        string[] inputs = [.. Operand(node.Inputs[0]), .. Weights.Operand(weight), bias is null ? "" : Weights.Integers(bias)];
        var gemm = Contributed(node.Without("beta"), NameOf(node)!);
        if (plan.GivesFloat)
        {
            Target.Add(gemm with { Inputs = [.. inputs] });
            AppendFloatTail(plan);
        }
        else Finish(plan, gemm with { Inputs = [.. inputs, .. Target.ScaleAndZeroPoint(plan.Layer.Output)] });
    }

    private void AppendMatMul(LayerPlan plan)
    {
        var node = plan.Layer.Operation;
        string[] a = Operand(node.Inputs[0]);
        string[] b = Target.Source.Constant(node.Inputs[1]) is null ? Operand(node.Inputs[1]) : Weights.Operand(Weights.OfLinear(plan.Layer).Weight);
        if (!plan.GivesFloat && plan.Layer.BiasAdd is null)
        {
            Finish(plan, node with { OpType = NameOf(node)!, Inputs = [.. a, .. b, .. Target.ScaleAndZeroPoint(plan.Layer.Output)] });
            return;
        }
        // The sums become float directly; a bias is added there, and the result quantized only if int8 layers read it.
        var product = Contributed(node, "MatMulIntegerToFloat") with { Inputs = [a[0], b[0], a[1], b[1], a[2], b[2]] };
        if (plan.GivesFloat)
        {
            Target.Add(product);
            AppendFloatTail(plan);
            return;
        }
        var result = Target.NewName(plan.Layer.Output + "_float");
        Target.Add(product);
        Target.Add(plan.Layer.BiasAdd! with { Outputs = [result] });
        Activation.AppendTo(Target, plan.Layer, Target.Quantize(result, plan.Layer.Output));
    }

    private void AppendBinary(LayerPlan plan)
    {
        var node = plan.Layer.Operation;
        Finish(plan, Contributed(node, NameOf(node)!) with
        {
            Inputs = [.. node.Inputs.SelectMany(input =>
                Target.Source.Constant(input) is null ? Operand(input) : Weights.Operand(Weights.OfConstant(plan.Layer, input))),
                .. Target.ScaleAndZeroPoint(plan.Layer.Output)],
        });
    }

    private void AppendUnary(LayerPlan plan, Node node) => Finish(plan, Contributed(node, NameOf(node)!) with
    {
        Inputs = [.. Operand(node.Inputs[0]), .. Target.ScaleAndZeroPoint(plan.Layer.Output)],
    });

    private void Finish(LayerPlan plan, Node node)
    {
        var name = Target.NewName(plan.Layer.Output + "_quantized");
        Target.Add(node with { Outputs = [name] });
        Activation.AppendTo(Target, plan.Layer, name);
    }

    private static string? NameOf(Node node) => OperatorCatalogue.Find(node.Domain, node.OpType)?.QOperator;

    private Node Contributed(Node node, string opType)
    {
        _usesMicrosoft = true;
        return node with { OpType = opType, Domain = Microsoft };
    }

    private string[] Operand(string value) => [Target.Integer(value), .. Target.ScaleAndZeroPoint(value)];
}
