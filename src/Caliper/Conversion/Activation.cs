using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Conversion;

/// <summary>
/// A Relu or Clip on int8. The observer saw the range after the activation, so quantization itself mostly cuts off
/// where the activation would: for Relu the zero point is then the smallest of the 256 values, and nothing is left to do.
/// Where it is not (a symmetric scheme, fewer levels than the type holds) the integers are clipped.
/// </summary>
internal static class Activation
{
    /// <summary>Ends a layer: clips the integers it made where needed, and declares them its output.</summary>
    public static void AppendTo(IntegerGraph target, Layer layer, string integers)
    {
        var name = integers;
        if (layer.Activation is { } activation && Clip(target, activation, integers, layer.Output) is { } clipped) name = clipped;
        target.HasInteger(layer.Output, name);
    }

    /// <summary>Appends a Clip of integers with the bounds of a Relu or Clip; null where no integer is outside them.</summary>
    public static string? Clip(IntegerGraph target, Node activation, string integers, string value)
    {
        var range = ActivationRange.Of(target.Source, activation)!.Value;
        var parameters = target.ParametersOf(value);
        var storage = QuantizedType.Of(parameters.Type.Storage);
        var min = Level(range.Min, parameters, storage.Min, storage.Max);
        var max = Level(range.Max, parameters, storage.Min, storage.Max);
        if (min == storage.Min && max == storage.Max) return null;
        var name = target.NewName(value + "_clipped");
        target.Add(new Node(activation.Name, "Clip", [integers, Bound(min), Bound(max)], [name]));
        return name;

        string Bound(int level) => target.Constant($"{value}_level_{level}",
            parameters.Type.Storage == ElementType.Int8 ? Tensor.Scalar((sbyte)level) : Tensor.Scalar((byte)level));
    }

    private static int Level(float real, QuantizationParameters parameters, int lowest, int highest) =>
        (int)Math.Clamp(MathF.Round(real / parameters.Scale) + parameters.ZeroPoint, lowest, highest);
}
