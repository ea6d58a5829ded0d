using System.Numerics;

namespace Caliper.Numerics;

/// <summary>How a value is divided by the scale: one type for each <see cref="QuantizationRule"/>, so that the loop holds no
/// choice.</summary>
internal interface IScaling
{
    /// <summary>What <see cref="Apply"/> takes as its second operand.</summary>
    static abstract float Operand(float scale);

    /// <summary>The values in steps of the scale.</summary>
    static abstract Vector<float> Apply(Vector<float> x, Vector<float> operand);
}

/// <summary><see cref="QuantizationRule.Onnx"/>.</summary>
internal readonly struct Division : IScaling
{
    public static float Operand(float scale) => scale;

    public static Vector<float> Apply(Vector<float> x, Vector<float> operand) => x / operand;
}

/// <summary><see cref="QuantizationRule.PyTorch"/>.</summary>
internal readonly struct Reciprocal : IScaling
{
    public static float Operand(float scale) => 1f / scale;

    public static Vector<float> Apply(Vector<float> x, Vector<float> operand) => x * operand;
}

/// <summary>Quantizes one value in each lane to 8 bits; what it computes is <see cref="QuantizerReference.Quantize"/>.</summary>
internal readonly struct VectorQuantizer<TScaling> where TScaling : IScaling
{
    // Adding 1.5 · 2²³ to a value below 2²² leaves a float whose last bit is worth 1: the addition itself rounds half to
    // even, and the integer is the difference of the bits. Every processor does this alike.
    private const float Magic = 12582912f;

    private readonly Vector<float> _operand;
    private readonly Vector<float> _low;
    private readonly Vector<float> _high;
    private readonly Vector<int> _zeroPoint;
    private readonly Vector<float> _scale;

    /// <summary>Creates what quantizes one channel of an 8-bit type.</summary>
    public VectorQuantizer(QuantizationParameters parameters, int channel)
    {
        var zeroPoint = parameters.ZeroPoints[channel];
        _operand = new Vector<float>(TScaling.Operand(parameters.Scales[channel]));
        _low = new Vector<float>(parameters.Type.Min - zeroPoint);
        _high = new Vector<float>(parameters.Type.Max - zeroPoint);
        _zeroPoint = new Vector<int>(zeroPoint);
        _scale = new Vector<float>(parameters.Scales[channel]);
    }

    /// <summary>The quantized integers.</summary>
    public Vector<int> Quantize(Vector<float> x) => Steps(x) + _zeroPoint;

    /// <summary>The real numbers that the quantized integers stand for.</summary>
    public Vector<float> FakeQuantize(Vector<float> x) => Vector.ConvertToSingle(Steps(x)) * _scale;

    // Clamped before rounding, which is the same as after because the bounds are integers, and keeps |steps| <= 510 < 2²².
    // Comparisons are false for NaN, which therefore becomes the low bound.
    private Vector<int> Steps(Vector<float> x)
    {
        var steps = TScaling.Apply(x, _operand);
        steps = Vector.ConditionalSelect(Vector.GreaterThan(steps, _low), steps, _low);
        steps = Vector.ConditionalSelect(Vector.LessThan(steps, _high), steps, _high);
        return Vector.AsVectorInt32(steps + new Vector<float>(Magic)) - new Vector<int>(BitConverter.SingleToInt32Bits(Magic));
    }
}
