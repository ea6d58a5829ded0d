using Caliper.Conversion;
using Caliper.Fusion;
using Caliper.Fusion.Unfusing;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Numerics;
using Caliper.Onnx.Upgrades;
using Caliper.Preparation;

namespace Caliper;

/// <summary>
/// The flow of static quantization. Each stage is a type of its own and leaves its input as it was, so that a skipped
/// stage does not compile:
/// <code>
/// var model     = FloatModel.Load("resnet20.onnx");
/// var prepared  = model.Fuse().Prepare(QConfig.Default);
/// Console.WriteLine(prepared);                                               // layers, and the observers under them
/// Evaluator.Evaluate(prepared, criterion, loader, evalBatches: 32);          // calibrates: forward passes, nothing else
/// var quantized = prepared.Convert();
/// quantized.Save("resnet20.int8.onnx");
/// </code>
/// </summary>
public static class Quantization
{
    /// <summary>Whether a network computes with quantized numbers already, in ONNX's operators or in ONNX Runtime's. One whose file
    /// merely stores its weights in fewer bits, as DequantizeLinear of constants in 4 bits, does not.</summary>
    public static bool IsQuantized(this Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var graph = BranchFlattening.Apply(FunctionInlining.Inline(model).Graph);
        return graph.Nodes.Any(node => OperatorRoles.IsOfIntegers(node, graph));
    }

    /// <summary>
    /// Folds batch norms into the convolutions and linear layers beside them, joins each Relu or Clip to what produces it,
    /// and computes once what depends on constants alone. As <c>torch.ao.quantization.fuse_modules</c>, but it finds the
    /// places itself.
    /// </summary>
    public static FusedModel Fuse(this FloatModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        // A function in an older version is raised with its caller: a second look finds those whose versions agree now.
        var read = FusedOperators.Apply(ShapeInference.Infer(FunctionInlining.Inline(model.Model)));
        var raised = FunctionInlining.Inline(OpsetUpgrade.To(read, QuantizedModel.MinimumOpset));
        // Nothing new is to be found where nothing was raised.
        if (!ReferenceEquals(raised, read)) raised = ShapeInference.Infer(raised);
        raised = FloatWidening.Apply(raised with { Graph = WeightWidening.Apply(raised.Graph, StoredWeights.IsNarrow) });
        // What lies in branches is there once they are open.
        var folded = FusedOperators.Apply(Branches.Open(ShapeInference.Infer(ConstantFolding.Apply(raised, model.Execution)), model.Execution));
        var graph = InferenceOnly.Apply(UnreadNodes.Remove(folded.Graph));
        graph = AffineFolding.Apply(LinearRecognition.Apply(graph));
        var expected = ExpectedChannels.Of(graph);
        graph = AffineFolding.Apply(BatchNormFolding.Apply(graph));
        return new FusedModel(folded with { Graph = graph }, model.Model, model.Execution) { Expected = expected };
    }

    /// <summary>
    /// Puts an observer on every tensor that will be int8. The prepared model is called like the float model and gives the
    /// same outputs; as a side effect each call lets the observers refine their scale and zero point. As
    /// <c>torch.ao.quantization.prepare</c>.
    /// </summary>
    /// <param name="model">What to quantize.</param>
    /// <param name="qconfig">Which observers to use, where; a plain <see cref="QConfig"/> is used everywhere.</param>
    /// <param name="simulate">
    /// Rounds every observed tensor to the 256 values that its observer proposes at the time (as PyTorch's fake quantization
    /// does), so that outputs show what int8 would give, and change while statistics refine: until
    /// <see cref="PreparedModel.DisableObserver"/> freezes those.
    /// </param>
    /// <exception cref="CaliperException">A pattern of <paramref name="qconfig"/> matches no layer.</exception>
    public static PreparedModel Prepare(this FusedModel model, QConfigMapping qconfig, bool simulate = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(qconfig);
        return new(model, qconfig, simulate);
    }

    /// <summary>
    /// Replaces float weights by int8, and float operators by integer ones, with the scales and zero points that the
    /// observers propose now. As <c>torch.ao.quantization.convert</c>.
    /// </summary>
    /// <exception cref="CaliperException">
    /// An observer never saw a value; the message names its layer. See <see cref="ConvertOptions.AllowUnobserved"/>.
    /// </exception>
    public static QuantizedModel Convert(this PreparedModel model, ConvertOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Converter.Convert(model, options ?? new ConvertOptions());
    }

    /// <summary>
    /// Makes the weights of linear layers and embedding tables int8 without any data: a layer's input is rounded by the range it has at the time,
    /// at every run. As <c>torch.ao.quantization.quantize_dynamic</c>. Convolutions stay float, and so does what multiplies two tensors.
    /// </summary>
    /// <param name="model">What to quantize.</param>
    /// <param name="qconfig">How weights become int8, and which layers stay float; observers of activations play no part.</param>
    /// <exception cref="CaliperException">A pattern of <paramref name="qconfig"/> matches no layer.</exception>
    public static QuantizedModel QuantizeDynamic(this FusedModel model, QConfigMapping qconfig)
    {
        using var prepared = model.Prepare(qconfig);
        return DynamicConverter.Convert(prepared);
    }
}
