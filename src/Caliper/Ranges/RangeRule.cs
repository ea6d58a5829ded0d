using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// From a real range to a scale and a zero point: PyTorch's <c>_calculate_qparams</c>, in float32 as there, so that the
/// numbers are equal to the last bit. The only place where this formula is.
/// </summary>
/// <param name="Type">The integers.</param>
/// <param name="Scheme">PyTorch's <c>qscheme</c>.</param>
/// <param name="Eps">The least scale.</param>
internal readonly record struct RangeRule(QuantizedType Type, QuantizationScheme Scheme, float Eps = RangeRule.DefaultEps)
{
    /// <summary>PyTorch's default <c>eps</c>, <c>torch.finfo(torch.float32).eps</c> = 2⁻²³.</summary>
    public const float DefaultEps = 1.1920929e-7f;

    /// <summary>The least normal float: no scale is below it.</summary>
    public const float LeastScale = 1.17549435e-38f;

    private float Steps => (float)((double)Type.Max - Type.Min);

    /// <summary>The rule for a whole tensor, with the default <c>eps</c>.</summary>
    public static RangeRule PerTensor(QuantizedType type, bool symmetric) =>
        new(type, symmetric ? QuantizationScheme.PerTensorSymmetric : QuantizationScheme.PerTensorAffine);

    /// <summary>The zero point of a symmetric scheme. PyTorch: 0 for signed integers; 128 for unsigned ones, or the middle of a range that
    /// the user chose.</summary>
    public static int SymmetricZeroPoint(QuantizedType type) =>
        type.Storage is ElementType.Int8 or ElementType.Int32 ? 0 : type.IsChosen ? (type.Min + type.Max) >> 1 : (type.Max >> 1) + 1;

    /// <summary>Parameters of a whole tensor.</summary>
    public QuantizationParameters Calculate(RealRange range) => Calculate([range.Min], [range.Max], null);

    /// <summary>Parameters of a whole tensor, or of each channel along <paramref name="axis"/>.</summary>
    public QuantizationParameters Calculate(ReadOnlySpan<float> mins, ReadOnlySpan<float> maxs, int? axis)
    {
        var scales = ImmutableArray.CreateBuilder<float>(mins.Length);
        if (Scheme is QuantizationScheme.PerChannelAffineFloatQParams)
        {
            var zeros = ImmutableArray.CreateBuilder<float>(mins.Length);
            for (var i = 0; i < mins.Length; i++)
            {
                scales.Add(FloatScale(mins[i], maxs[i]));
                zeros.Add(-mins[i] / scales[i]);
            }
            return QuantizationParameters.PerChannelFloat(Type, scales.MoveToImmutable(), zeros.MoveToImmutable(), axis ?? 0);
        }

        var zeroPoints = ImmutableArray.CreateBuilder<int>(mins.Length);
        for (var i = 0; i < mins.Length; i++)
        {
            var range = new RealRange(mins[i], maxs[i]).WithZero;
            var (scale, zeroPoint) = Scheme.IsSymmetric() ? (SymmetricScale(range), SymmetricZeroPoint(Type)) : Affine(range);
            scales.Add(scale);
            zeroPoints.Add(zeroPoint);
        }
        return axis is { } channelAxis
            ? QuantizationParameters.PerChannel(Type, scales.MoveToImmutable(), zeroPoints.MoveToImmutable(), channelAxis)
            : QuantizationParameters.PerTensor(Type, scales[0], zeroPoints[0]);
    }

    // The range holds zero, so that padding and ReLU are exact.
    private (float Scale, int ZeroPoint) Affine(RealRange range)
    {
        var scale = MathF.Max(Quotient(range), LeastFor(range));
        var zeroPoint = Type.Min - (double)MathF.Round(range.Min / scale, MidpointRounding.ToEven);
        return (scale, (int)Math.Clamp(zeroPoint, Type.Min, Type.Max));
    }

    private float SymmetricScale(RealRange range) =>
        MathF.Max(MathF.Max(-range.Min, range.Max) / (float)(((double)Type.Max - Type.Min) / 2), LeastFor(range));

    // A tensor that is 0 everywhere says nothing about its scale; products of such scales must not vanish.
    private float LeastFor(RealRange range) => range is (0, 0) ? MathF.Max(Eps, DefaultEps) : Eps;

    private float FloatScale(float min, float max)
    {
        var scale = Quotient((min, max));
        return scale > Eps ? scale : 1;
    }

    // Max - Min can exceed the greatest float where their quotients do not.
    private float Quotient(RealRange range) => range.Max - range.Min is var span && float.IsFinite(span)
        ? span / Steps
        : range.Max / Steps - range.Min / Steps;
}
