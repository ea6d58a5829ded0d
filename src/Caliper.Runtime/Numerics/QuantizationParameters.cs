using System.Collections.Immutable;

namespace Caliper.Numerics;

/// <summary>
/// What the theory asks of a quantized tensor: <c>real = scale · (q − zero_point)</c>, with one pair of scale and zero
/// point for the tensor, or one for each index along an axis. An immutable value.
/// </summary>
public sealed class QuantizationParameters : IEquatable<QuantizationParameters>
{
    private QuantizationParameters(
        QuantizedType type, ImmutableArray<float> scales, ImmutableArray<int> zeroPoints,
        ImmutableArray<float> floatZeroPoints, int? axis)
    {
        (Type, Scales, ZeroPoints, FloatZeroPoints, Axis) = (type, scales, zeroPoints, floatZeroPoints, axis);
        foreach (var scale in scales)
        {
            if (!float.IsFinite(scale) || scale <= 0)
                throw new CaliperException(
                    FormattableString.Invariant($"A quantization scale must be finite and above zero, not {scale}."));
        }
        var storage = QuantizedType.Of(type.Storage);
        foreach (var zeroPoint in zeroPoints)
        {
            if (zeroPoint < storage.Min || zeroPoint > storage.Max)
                throw new CaliperException($"The zero point {zeroPoint} does not fit {type.Storage}.");
        }
        foreach (var zeroPoint in floatZeroPoints)
        {
            if (!float.IsFinite(zeroPoint))
                throw new CaliperException(FormattableString.Invariant($"A zero point must be finite, not {zeroPoint}."));
        }
    }

    /// <summary>One scale and zero point for the whole tensor.</summary>
    /// <exception cref="CaliperException">The scale is not finite and above zero, or the zero point does not fit the
    /// storage.</exception>
    public static QuantizationParameters PerTensor(QuantizedType type, float scale, int zeroPoint) =>
        new(type, [scale], [zeroPoint], [], null);

    /// <summary>A scale and a zero point for each index along <paramref name="axis"/>.</summary>
    /// <exception cref="CaliperException">A scale is not finite and above zero, a zero point does not fit, or the numbers of
    /// scales and zero points differ.</exception>
    public static QuantizationParameters PerChannel(
        QuantizedType type, ImmutableArray<float> scales, ImmutableArray<int> zeroPoints, int axis)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(axis);
        if (scales.IsDefault || zeroPoints.IsDefault) throw new CaliperException("There are no scales, or no zero points.");
        return scales.Length == zeroPoints.Length
            ? new(type, scales, zeroPoints, [], axis)
            : throw new CaliperException($"There are {scales.Length} scales but {zeroPoints.Length} zero points.");
    }

    /// <summary>A scale and a real zero point for each index along <paramref name="axis"/>; see
    /// <see cref="QuantizationScheme.PerChannelAffineFloatQParams"/>.</summary>
    /// <exception cref="CaliperException">A scale is not finite and above zero, a zero point is not finite, or their numbers
    /// differ.</exception>
    public static QuantizationParameters PerChannelFloat(
        QuantizedType type, ImmutableArray<float> scales, ImmutableArray<float> zeroPoints, int axis)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(axis);
        if (scales.IsDefault || zeroPoints.IsDefault) throw new CaliperException("There are no scales, or no zero points.");
        return scales.Length == zeroPoints.Length
            ? new(type, scales, [], zeroPoints, axis)
            : throw new CaliperException($"There are {scales.Length} scales but {zeroPoints.Length} zero points.");
    }

    /// <summary>The integers used.</summary>
    public QuantizedType Type { get; }

    /// <summary>Real size of one integer step: one for the tensor, or one for each channel.</summary>
    public ImmutableArray<float> Scales { get; }

    /// <summary>The integers that stand for real zero, as many as <see cref="Scales"/>; empty where they are real
    /// numbers.</summary>
    public ImmutableArray<int> ZeroPoints { get; }

    /// <summary>The zero points that are real numbers, as many as <see cref="Scales"/>; empty in every other scheme.</summary>
    public ImmutableArray<float> FloatZeroPoints { get; }

    /// <summary>The axis that the channels lie along, from 0, or null where the parameters are those of the whole
    /// tensor.</summary>
    public int? Axis { get; }

    /// <summary>Whether zero points are real numbers.</summary>
    public bool HasFloatZeroPoints => !FloatZeroPoints.IsEmpty;

    /// <summary>Number of channels; 1 for a whole tensor.</summary>
    public int Channels => Scales.Length;

    /// <summary>The scale of the whole tensor.</summary>
    /// <exception cref="CaliperException">The parameters are per channel.</exception>
    public float Scale => Axis is null ? Scales[0] : throw NotPerTensor();

    /// <summary>The zero point of the whole tensor.</summary>
    /// <exception cref="CaliperException">The parameters are per channel.</exception>
    public int ZeroPoint => Axis is null ? ZeroPoints[0] : throw NotPerTensor();

    /// <summary>The least real number that the whole tensor's integers stand for.</summary>
    /// <exception cref="CaliperException">The parameters are per channel.</exception>
    public float RangeMin => Axis is null ? RealMin(0) : throw NotPerTensor();

    /// <summary>The greatest real number that the whole tensor's integers stand for.</summary>
    /// <exception cref="CaliperException">The parameters are per channel.</exception>
    public float RangeMax => Axis is null ? RealMax(0) : throw NotPerTensor();

    /// <summary>The least real number that a channel's integers stand for.</summary>
    public float RealMin(int channel) => Real(Type.Min, channel);

    /// <summary>The greatest real number that a channel's integers stand for.</summary>
    public float RealMax(int channel) => Real(Type.Max, channel);

    /// <summary>The parameters of one channel, as those of a whole tensor.</summary>
    /// <exception cref="CaliperException">The zero points are real numbers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such channel.</exception>
    public QuantizationParameters Channel(int channel)
    {
        Check(channel);
        return HasFloatZeroPoints ? throw new CaliperException("A channel with a real zero point has no parameters of a whole tensor.")
            : PerTensor(Type, Scales[channel], ZeroPoints[channel]);
    }

    /// <inheritdoc/>
    public bool Equals(QuantizationParameters? other) =>
        other is not null && Type == other.Type && Axis == other.Axis
        && Scales.AsSpan().SequenceEqual(other.Scales.AsSpan())
        && ZeroPoints.AsSpan().SequenceEqual(other.ZeroPoints.AsSpan())
        && FloatZeroPoints.AsSpan().SequenceEqual(other.FloatZeroPoints.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as QuantizationParameters);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Type);
        hash.Add(Axis);
        foreach (var scale in Scales) hash.Add(scale);
        foreach (var zeroPoint in ZeroPoints) hash.Add(zeroPoint);
        foreach (var zeroPoint in FloatZeroPoints) hash.Add(zeroPoint);
        return hash.ToHashCode();
    }

    /// <summary>Whether two parameters are the same.</summary>
    public static bool operator ==(QuantizationParameters? left, QuantizationParameters? right) => Equals(left, right);

    /// <summary>Whether two parameters differ.</summary>
    public static bool operator !=(QuantizationParameters? left, QuantizationParameters? right) => !Equals(left, right);

    /// <inheritdoc/>
    public override string ToString() => Axis is null
        ? FormattableString.Invariant($"scale={Scale:G5}, zero_point={ZeroPoint}, {Type}")
        : FormattableString.Invariant(
            $"{Channels} channels along axis {Axis}, scale={Scales.DefaultIfEmpty().Min():G5}..{Scales.DefaultIfEmpty().Max():G5}, {Type}");

    // In double, because q - zero_point of two 32-bit integers does not fit 32 bits.
    private float Real(int q, int channel)
    {
        Check(channel);
        return (float)((q - (HasFloatZeroPoints ? (double)FloatZeroPoints[channel] : ZeroPoints[channel])) * Scales[channel]);
    }

    private void Check(int channel) => ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)channel, (uint)Channels, nameof(channel));

    private static CaliperException NotPerTensor() =>
        new("The parameters are per channel; read Scales and ZeroPoints, or ask for one Channel.");
}
