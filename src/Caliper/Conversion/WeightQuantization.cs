using System.Collections.Immutable;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Ranges;
using Caliper.Preparation;
using Caliper.Recovery;

namespace Caliper.Conversion;

/// <summary>A constant in integers, and what they stand for.</summary>
internal sealed record QuantizedConstant(string Id, Tensor Integers, QuantizationParameters Parameters);

/// <summary>
/// Turns weights into int8 and biases into int32. A bias is added to the int32 sums, so its scale is
/// <c>s_x·s_w</c>; where that scale is so small that the bias would not leave room for the sums, the channel's weight scale
/// is raised just enough (a dead channel is the usual case: all its weights are almost 0).
/// </summary>
internal sealed class WeightQuantization
{
    /// <summary>Half of what int32 holds; the other half has room for sums of 33,000 products of the largest integers.</summary>
    private const double MaxBias = 1 << 30;

    private readonly IntegerGraph _target;
    private readonly ImmutableDictionary<(string, string), QuantizationParameters> _parameters;
    private readonly Func<Layer, double[]?> _inputMeans;
    private readonly List<Diagnostic> _diagnostics = [];

    /// <param name="target">The graph to write to.</param>
    /// <param name="parameters">Scales and zero points of the constants.</param>
    /// <param name="inputMeans">The mean of each input channel of a layer whose bias is to be corrected; null for others.</param>
    public WeightQuantization(IntegerGraph target,
        ImmutableDictionary<(string Initializer, string Layer), QuantizationParameters> parameters, Func<Layer, double[]?> inputMeans)
    {
        (_target, _parameters, _inputMeans) = (target, parameters, inputMeans);
    }

    /// <summary>What layers' inputs were seen to be; null to round to nearest.</summary>
    public SecondMoments? Moments { get; init; }

    /// <summary>Number of threads; 0 for one per processor.</summary>
    public int Threads { get; init; }

    public IEnumerable<Diagnostic> Diagnostics => _diagnostics;

    /// <summary>Weights and bias of a linear layer.</summary>
    public (QuantizedConstant Weight, QuantizedConstant? Bias) OfLinear(Layer layer)
    {
        var node = layer.Operation;
        var (weights, parameters) = WeightsOf(layer);
        if (node.Input(2).Length == 0) return (WithoutBias(layer, weights, parameters), null);

        var (bias, kernel, kernelParameters) = BiasOf(layer, weights, parameters, staysFloat: false);
        var inputScale = _target.ParametersOf(node.Inputs[0]).Scale;
        var roomy = WithRoomFor(layer, bias, inputScale, kernelParameters);
        if (roomy != kernelParameters) kernel = Quantize(weights, roomy);
        float[] scales = [.. bias.Select((_, output) => roomy.Scales[ChannelOf(output, bias.Length, roomy)])];
        var biasParameters = roomy.Axis is null
            ? QuantizationParameters.PerTensor(QuantizedType.QInt32, inputScale * roomy.Scales[0], 0)
            : QuantizationParameters.PerChannel(QuantizedType.QInt32, [.. scales.Select(s => inputScale * s)], [.. new int[scales.Length]], 0);
        var integers = bias.Zip(scales, (b, scale) => Requantization.QuantizeBias(b, inputScale, scale)).ToArray();
        return (new(node.Inputs[1], kernel, roomy), new(node.Inputs[2], Tensor.Vector(integers), biasParameters));
    }

    /// <summary>Weights of a linear layer, and the name of its bias in float; null for none.</summary>
    public (QuantizedConstant Weight, string? Bias) OfLinearWithFloatBias(Layer layer)
    {
        var node = layer.Operation;
        var (weights, parameters) = WeightsOf(layer);
        if (node.Input(2).Length == 0) return (WithoutBias(layer, weights, parameters), null);
        var (bias, kernel, rounded) = BiasOf(layer, weights, parameters, staysFloat: true);
        return (new(node.Inputs[1], kernel, rounded), _target.Constant(node.Inputs[2], Tensor.Vector(bias)));
    }

    /// <summary>A constant operand of an addition or multiplication.</summary>
    public QuantizedConstant OfConstant(Layer layer, string initializer)
    {
        var parameters = _parameters[(initializer, layer.Name)];
        return new(initializer, Quantize(_target.Source.Constant(initializer)!, parameters), parameters);
    }

    /// <summary>The name of the integers.</summary>
    public string Integers(QuantizedConstant constant) => _target.Constant(constant.Id + "_quantized", constant.Integers);

    /// <summary>Names of integers, scale and zero point, as the QLinear operators take them.</summary>
    public string[] Operand(QuantizedConstant constant) => [Integers(constant), .. _target.ScaleAndZeroPoint(constant.Parameters, constant.Id)];

    /// <summary>The name of the floats that the integers stand for.</summary>
    public string Dequantized(QuantizedConstant constant)
    {
        var name = _target.NewName(constant.Id + "_dequantized");
        _target.Dequantize(Integers(constant), constant.Parameters, constant.Id, name);
        return name;
    }

    /// <summary>The name of the floats that a quantized constant operand stands for.</summary>
    public string Dequantized(Layer layer, string initializer) => Dequantized(OfConstant(layer, initializer));

    /// <summary>The name of the floats that the weights of a recurrent layer stand for.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Which of its inputs they are.</param>
    public string OfRecurrence(Layer layer, int input)
    {
        var name = layer.Operation.Inputs[input];
        // Layers that share weights see other values.
        return Dequantized(Moments?.Of(layer, input) is { } moments && _target.Source.ConsumersOf(name).Count() == 1
            && RecurrentRounding.Round(_target.Source.Constant(name)!, _parameters[(name, layer.Name)], moments, Threads) is { } integers
            ? new(name, integers, _parameters[(name, layer.Name)]) : OfConstant(layer, name));
    }

    private (Tensor Weights, QuantizationParameters Parameters) WeightsOf(Layer layer)
    {
        var node = layer.Operation;
        return (_target.Source.Constant(node.Inputs[1])!,
            WithNormalProducts(layer, _parameters[(node.Inputs[1], layer.Name)], _target.ParametersOf(node.Inputs[0]).Scale));
    }

    private QuantizedConstant WithoutBias(Layer layer, Tensor weights, QuantizationParameters parameters)
    {
        var (integers, rounded) = Rounded(layer, weights, parameters, [], isMeanCorrected: false);
        return new(layer.Operation.Inputs[1], integers, rounded);
    }

    /// <summary>The weights in integers: rounded by what they multiply, where that is known.</summary>
    private (Tensor Integers, QuantizationParameters Parameters) Rounded(
        Layer layer, Tensor weights, QuantizationParameters parameters, float[] bias, bool isMeanCorrected)
    {
        if (Moments?.Of(layer) is { } moments)
        {
            var inputScale = _target.ParametersOf(layer.Operation.Inputs[0]).Scale;
            var least = LeastScales(bias, inputScale, parameters);
            parameters = WithRoomFor(layer, bias, inputScale, parameters);
            var start = WithScales(parameters.Type, [.. parameters.Scales.Zip(least, MathF.Max)], parameters.ZeroPoints, parameters.Axis);
            var options = new RoundingOptions(isMeanCorrected, (double)inputScale * inputScale / 12, least, Threads);
            if (WeightRounder.Round(layer.Operation, weights, start, moments, options) is { } rounded) return (rounded.Integers, rounded.Parameters);
        }
        return (Quantize(weights, parameters), parameters);
    }

    /// <summary>The bias, with what rounding the weights takes from the mean given back, and those weights.</summary>
    private (float[] Bias, Tensor Kernel, QuantizationParameters Parameters) BiasOf(
        Layer layer, Tensor weights, QuantizationParameters parameters, bool staysFloat)
    {
        var node = layer.Operation;
        FiniteConstant.Check(_target.Source, node.Inputs[2], layer.Name);
        var bias = _target.Source.Constant(node.Inputs[2])!.Span<float>().ToArray();
        var means = _inputMeans(layer);
        var (kernel, rounded) = Rounded(layer, weights, parameters, staysFloat ? [] : bias, isMeanCorrected: means is not null);
        if (means is not null) Correct(layer, weights, Quantizer.Dequantize(kernel, rounded), means, bias);
        return (bias, kernel, rounded);
    }

    /// <summary>Takes back the shift of the mean: by what each weight multiplies where that is known, padding included.</summary>
    private void Correct(Layer layer, Tensor weights, Tensor rounded, double[] means, float[] bias)
    {
        if (Moments?.Of(layer) is { } moments) BiasCorrection.Apply(layer.Operation, weights, rounded, moments, bias);
        else BiasCorrection.Apply(layer.Operation, weights, rounded, means, bias);
    }

    private static Tensor Quantize(Tensor weights, QuantizationParameters parameters) =>
        Quantizer.Quantize(weights, parameters, QuantizationRule.PyTorch);

    /// <summary>Sums are in steps of s_x·s_w, which must be a normal float: below that its digits vanish, and a division by it
    /// overflows.</summary>
    private QuantizationParameters WithNormalProducts(Layer layer, QuantizationParameters parameters, float inputScale)
    {
        bool IsNormal(float scale) => scale * inputScale >= RangeRule.LeastScale;
        if (parameters.Scales.All(IsNormal)) return parameters;
        _diagnostics.Add(new Diagnostic("least-product", layer.Name,
            $"The products of {parameters.Scales.Count(s => !IsNormal(s))} of its weight scales with its input's scale are below what float32 "
                + "holds, so those weight scales were raised, and their weights keep fewer digits.",
            "Multiply the input by a constant before this layer."));
        // Rounding must not end below the bound again.
        ImmutableArray<float> scales = [.. parameters.Scales.Select(s => IsNormal(s) ? s : 1.01f * RangeRule.LeastScale / inputScale)];
        return WithScales(parameters.Type, scales, parameters.ZeroPoints, parameters.Axis);
    }

    private QuantizationParameters WithRoomFor(Layer layer, float[] bias, float inputScale, QuantizationParameters parameters)
    {
        var needed = RoomFor(bias, inputScale, parameters);
        var raised = parameters.Scales.Zip(needed).Count(s => s.First < s.Second);
        if (raised == 0) return parameters;
        _diagnostics.Add(new Diagnostic("bias-headroom", layer.Name,
            $"{raised} of {bias.Length} biases would overflow int32, so the weight scale of those channels was raised.",
            "Channels whose weights are all almost 0 are dead; prune them."));
        return WithScales(parameters.Type, [.. parameters.Scales.Zip(needed, MathF.Max)], parameters.ZeroPoints, parameters.Axis);
    }

    /// <summary>The least scales at which biases fit int32.</summary>
    private static float[] RoomFor(float[] bias, float inputScale, QuantizationParameters parameters)
    {
        var needed = new float[parameters.Channels];
        for (var output = 0; output < bias.Length; output++)
        {
            var channel = ChannelOf(output, bias.Length, parameters);
            needed[channel] = MathF.Max(needed[channel], (float)(Math.Abs((double)bias[output]) / (MaxBias * inputScale)));
        }
        return needed;
    }

    /// <summary>Which scale of its weights an output has: its own, but for transposed convolutions in groups, where outputs share one, a group
    /// (axis 0) or a place in all groups.</summary>
    private static int ChannelOf(int output, int outputs, QuantizationParameters parameters) => parameters.Axis switch
    {
        null => 0,
        0 => output / (outputs / parameters.Channels),
        _ => output % parameters.Channels,
    };

    /// <summary>Below these no scale may be chosen. A bias that is corrected may become greater.</summary>
    private static float[] LeastScales(float[] bias, float inputScale, QuantizationParameters parameters) =>
        [.. RoomFor(bias, inputScale, parameters).Select(room => MathF.Max(2 * room, 1.01f * RangeRule.LeastScale / inputScale))];

    private static QuantizationParameters WithScales(
        QuantizedType type, ImmutableArray<float> scales, ImmutableArray<int> zeroPoints, int? axis) => axis is { } channels
        ? QuantizationParameters.PerChannel(type, scales, zeroPoints, channels)
        : QuantizationParameters.PerTensor(type, scales[0], zeroPoints[0]);
}
