using System.Collections.Immutable;
using Caliper.Numerics;
using Caliper.Observers;

namespace Caliper.Ranges;

/// <summary>
/// From a real range to a scale and a zero point: PyTorch's <c>_calculate_qparams</c>, in float32 as there, so that the
/// numbers are equal to the last bit.
/// </summary>
internal static class RangeRule
{
    /// <summary>Parameters of a whole tensor, or of each channel along <paramref name="axis"/>.</summary>
    public static QuantizationParameters Calculate(
        ObserverSpec spec, ReadOnlySpan<float> mins, ReadOnlySpan<float> maxs, int? axis)
    {
        var type = spec.QuantizedType;
        var scales = ImmutableArray.CreateBuilder<float>(mins.Length);
        if (spec.Scheme is QuantizationScheme.PerChannelAffineFloatQParams)
        {
            var zeros = ImmutableArray.CreateBuilder<float>(mins.Length);
            for (var i = 0; i < mins.Length; i++)
            {
                scales.Add(FloatScale(mins[i], maxs[i], spec.Eps, type));
                zeros.Add(-mins[i] / scales[i]);
            }
            return QuantizationParameters.PerChannelFloat(type, scales.MoveToImmutable(), zeros.MoveToImmutable(), axis ?? 0);
        }

        var zeroPoints = ImmutableArray.CreateBuilder<int>(mins.Length);
        for (var i = 0; i < mins.Length; i++)
        {
            var (scale, zeroPoint) = spec.Scheme.IsSymmetric()
                ? (SymmetricScale(mins[i], maxs[i], spec.Eps, type), SymmetricZeroPoint(spec, type))
                : Affine(mins[i], maxs[i], spec.Eps, type);
            scales.Add(scale);
            zeroPoints.Add(zeroPoint);
        }
        return axis is { } channelAxis
            ? QuantizationParameters.PerChannel(type, scales.MoveToImmutable(), zeroPoints.MoveToImmutable(), channelAxis)
            : QuantizationParameters.PerTensor(type, scales[0], zeroPoints[0]);
    }

    /// <summary>Parameters of a whole tensor, with the default <c>eps</c>.</summary>
    public static QuantizationParameters Calculate(QuantizedType type, float min, float max, bool symmetric)
    {
        var custom = type != QuantizedType.Of(type.Storage);
        var spec = ObserverSpec.MinMax with
        {
            DType = type.Storage,
            Scheme = symmetric ? QuantizationScheme.PerTensorSymmetric : QuantizationScheme.PerTensorAffine,
            QuantMin = custom ? type.Min : null,
            QuantMax = custom ? type.Max : null,
        };
        return Calculate(spec, [min], [max], null);
    }

    private static (float Scale, int ZeroPoint) Affine(float min, float max, float eps, QuantizedType type)
    {
        // The range is widened to hold zero, so that padding and ReLU are exact.
        min = MathF.Min(min, 0);
        max = MathF.Max(max, 0);
        var scale = MathF.Max(Quotient(max - min, max, min, Steps(type)), eps);
        var zeroPoint = type.Min - (double)MathF.Round(min / scale, MidpointRounding.ToEven);
        return (scale, (int)Math.Clamp(zeroPoint, type.Min, type.Max));
    }

    private static float SymmetricScale(float min, float max, float eps, QuantizedType type) =>
        MathF.Max(MathF.Max(-MathF.Min(min, 0), MathF.Max(max, 0)) / (float)(((double)type.Max - type.Min) / 2), eps);

    // PyTorch: 0 for signed integers; 128 for unsigned ones, or the middle of a range that the user chose.
    private static int SymmetricZeroPoint(ObserverSpec spec, QuantizedType type) =>
        spec.DType is not Graphs.ElementType.UInt8 ? 0 : spec.HasCustomRange ? (type.Min + type.Max) >> 1 : 128;

    private static float FloatScale(float min, float max, float eps, QuantizedType type)
    {
        var scale = Quotient(max - min, max, min, Steps(type));
        return scale > eps ? scale : 1;
    }

    private static float Steps(QuantizedType type) => (float)((double)type.Max - type.Min);

    // max - min can exceed the greatest float where their quotients do not.
    private static float Quotient(float span, float max, float min, float steps) =>
        float.IsFinite(span) ? span / steps : max / steps - min / steps;
}
