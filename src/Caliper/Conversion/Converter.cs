using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Observers;
using Caliper.Onnx.Upgrades;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Conversion;

/// <summary>Writes the int8 network that a plan and its observers describe.</summary>
internal static class Converter
{
    public static QuantizedModel Convert(PreparedModel prepared, ConvertOptions options)
    {
        var plan = PlanOfObserved(prepared, options);
        var parameters = prepared.Observers.Where(o => o.Observer.HasObserved)
            .Select(o => (o.Site, Parameters: plan.HasWideProducts(o.Site.Id) ? WideParameters.Of(o.Site.Name, o.Observer)
                : PreparedModel.ParametersOf(o.Site.Name, o.Observer)))
            .SelectMany(o => o.Site.Values.Select(v => (Value: v, o.Parameters, o.Site.Id)))
            .ToDictionary(p => p.Value, p => (p.Parameters, p.Id), StringComparer.Ordinal);

        var source = prepared.Fused.Model;
        var target = new IntegerGraph(source.Graph, v => parameters[v].Parameters, v => parameters[v].Id);
        var weights = new WeightQuantization(target, prepared.WeightParameters, InputMeans(prepared))
        {
            Moments = options.Moments,
            Threads = prepared.Fused.Execution.Threads,
        };
        IOperatorForm form = options.Format == QuantizedFormat.Qdq
            ? new QdqForm(target, weights, plan) : new QOperatorForm(target, weights, plan);
        RefuseBodiesAlone(plan);
        foreach (var layer in plan.Layers) Append(layer, form, target, weights);

        var opsets = form.Domains.Aggregate(source.Opsets, (all, domain) => all.SetItem(domain, 1));
        var model = source with
        {
            Graph = ShapeInference.Infer(source with { Graph = target.Finish(), Opsets = opsets }).Graph,
            Opsets = opsets,
            ProducerName = "caliper",
            Metadata = EqualizationMetadata.Write(source.Metadata, prepared.Fused.Equalization),
        };
        if (target.HasWide) model = OpsetUpgrade.To(model, QuantizedModel.WideOpset);
        return new QuantizedModel(model, [.. plan.Diagnostics, .. weights.Diagnostics], prepared.Fused.Execution);
    }

    /// <summary>A network that is nothing but a Loop would become what it was.</summary>
    private static void RefuseBodiesAlone(QuantizationPlan plan)
    {
        if (plan.Layers.Any(l => l.HasIntegers || l.Role is OperatorRole.Linear)) return;
        if (plan.Diagnostics.FirstOrDefault(d => d.Code == Obstacle.Body) is { } body)
            throw new CaliperException($"Nothing of the network would become int8. '{body.Place}': {body.Message} {body.Advice}");
    }

    private static void Append(LayerPlan layer, IOperatorForm form, IntegerGraph target, WeightQuantization weights)
    {
        if (layer.HasInt8Table) TableRows.Append(target, layer.Layer, weights.OfConstant(layer.Layer, layer.Layer.Operation.Inputs[0]));
        else if (layer.HasInt8Weights) AppendRecurrence(target, layer.Layer, weights);
        else if (!layer.IsInteger) KeepFloat(target, layer.Layer);
        else if (layer.Role is not (OperatorRole.PassThrough or OperatorRole.Join)) form.Append(layer);
        else if (layer.IsWide) KeepFloat(target, layer.Layer);
        else IntegerMovement.Append(target, layer);
    }

    /// <summary>A recurrent layer: float, but for its weights.</summary>
    private static void AppendRecurrence(IntegerGraph target, Layer layer, WeightQuantization weights)
    {
        var node = layer.Operation;
        target.Add(node with
        {
            Inputs = [.. node.Inputs.Select((input, i) => input.Length == 0 ? input
                : RecurrentWeights.Inputs.Contains(i) ? weights.OfRecurrence(layer, i) : target.Float(input))],
        });
        foreach (var output in node.Outputs.Where(o => o.Length > 0)) target.HasFloat(output);
    }

    /// <summary>The plan, without the layers whose observers never ran; they are an error unless allowed.</summary>
    private static QuantizationPlan PlanOfObserved(PreparedModel prepared, ConvertOptions options)
    {
        if (options.Recipe is { } recipe && !recipe.Equalization.Equals(prepared.Fused.Equalization))
            throw new CaliperException("The recipe divides channels by other factors than the network was prepared with; prepare the network that "
                + "Equalize(recipe.Equalization) returns, and calibrate that.");
        var unobserved = prepared.Observers.Where(o => !o.Observer.HasObserved).Select(o => o.Site).ToArray();
        if (unobserved.Length == 0)
            return options.Recipe is null ? prepared.Plan : Planner.Plan(prepared.Fused, prepared.Mapping, null, options.Recipe);
        // What data does not reach in a branch was not forgotten; the layers say it.
        var isOfBranch = BranchNames.AreOf(prepared.Fused.Model.Graph);
        var missing = unobserved.Length == prepared.Observers.Length ? unobserved
            : [.. unobserved.Where(s => !s.Observed.All(isOfBranch))];
        if (missing.Length > 0 && !options.AllowUnobserved)
        {
            var names = string.Join(", ", missing.Take(5).Select(s => $"'{s.Name}'")) + (missing.Length > 5 ? ", …" : "");
            throw new CaliperException($"{missing.Length} of {prepared.Observers.Length} observers never saw a value: {names}. "
                + "Evaluate the prepared model on data first, or allow unobserved layers to stay float (--allow-unobserved).");
        }
        return Planner.Plan(prepared.Fused, prepared.Mapping, unobserved.SelectMany(s => s.Values).ToHashSet(StringComparer.Ordinal),
            options.Recipe);
    }

    /// <summary>For the layers whose bias is to be corrected, what their observer knows of the channels they read.</summary>
    private static Func<Layer, double[]?> InputMeans(PreparedModel prepared)
    {
        var means = prepared.Observers.Where(o => o.Site.Observed.Length == 1)
            .Select(o => (Value: o.Site.Observed[0], Channels: (o.Observer as StatisticsObserver)?.Statistics.Channels ?? []))
            .Where(o => o.Channels.Length > 0).ToDictionary(o => o.Value, o => o.Channels.Select(c => c.Mean).ToArray(), StringComparer.Ordinal);
        return layer => prepared.Mapping.For(layer.Name, layer.OpType) is { CorrectBias: true } && HasChannelsSecond(layer)
            ? means.GetValueOrDefault(layer.Operation.Inputs[0]) : null;

        // Statistics are of the second axis; that of an image holds channels, and so does that of a matrix.
        bool HasChannelsSecond(Layer layer) => prepared.Fused.Model.Graph.Constant(layer.Operation.Inputs[1])?.Shape.Rank is 2 or 4;
    }

    private static void KeepFloat(IntegerGraph target, Layer layer)
    {
        foreach (var node in layer.Nodes)
        {
            foreach (var captured in node.Reads().Except(node.Inputs)) target.Float(captured);
            var kept = node with { Inputs = [.. node.Inputs.Select(i => i.Length == 0 ? i : target.Float(i))] };
            target.Add(Obstacle.HasDilations(node) ? KeptFromFusion(target, kept) : kept);
            foreach (var output in node.Outputs.Where(o => o.Length > 0)) target.HasFloat(output);
        }
    }

    /// <summary>
    /// ONNX Runtime replaces an AveragePool between DequantizeLinear and QuantizeLinear by its QLinearAveragePool, dilations or not,
    /// which then does not load. Something that does nothing and that no optimizer removes stands between.
    /// </summary>
    private static Node KeptFromFusion(IntegerGraph target, Node node)
    {
        var apart = target.NewName(node.Inputs[0] + "_apart");
        target.Add(new Node(apart, "Max", [node.Inputs[0], target.Constant("least_float", Tensor.Scalar(float.MinValue))], [apart]));
        return node with { Inputs = node.Inputs.SetItem(0, apart) };
    }
}

/// <summary>How the integer form of a layer that computes is written down.</summary>
internal interface IOperatorForm
{
    /// <summary>Operator sets it needs besides ONNX's own.</summary>
    IEnumerable<string> Domains { get; }

    /// <summary>Appends an int8 layer.</summary>
    void Append(LayerPlan plan);
}
