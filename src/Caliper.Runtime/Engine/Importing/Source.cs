using Caliper.Engine.Values;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>What the engine has for a value of the ONNX graph.</summary>
internal abstract record Source
{
    private Source() { }

    /// <summary>Real numbers, computed at run time.</summary>
    public sealed record Real(EngineValue Value) : Source;

    /// <summary>Integers of 8 bits, computed at run time; nobody has said yet what they stand for.</summary>
    /// <param name="Value">The bytes.</param>
    /// <param name="IsSigned">Whether the ONNX value is int8.</param>
    public sealed record Integers(EngineValue Value, bool IsSigned) : Source;

    /// <summary>What DequantizeLinear returns: real numbers that are there as bytes.</summary>
    /// <param name="Value">The bytes.</param>
    /// <param name="IsSigned">Whether the ONNX value that it stands for is int8.</param>
    /// <param name="Scale">What they stand for.</param>
    public sealed record Quantized(EngineValue Value, bool IsSigned, ByteScale Scale) : Source
    {
        /// <summary>What an operation reads of it.</summary>
        public ByteOperand Operand => new(Value, Scale);
    }

    /// <summary>Integers of 16 bits, computed at run time; nobody has said yet what they stand for.</summary>
    /// <param name="High">Their upper bytes.</param>
    /// <param name="Low">Their lower bytes.</param>
    /// <param name="IsSigned">Whether the ONNX value is int16: its top bit is flipped then.</param>
    public sealed record Words(EngineValue High, EngineValue Low, bool IsSigned) : Source;

    /// <summary>What DequantizeLinear returns for integers of 16 bits: real numbers that are there as words.</summary>
    /// <param name="Operand">The words and what they stand for.</param>
    /// <param name="IsSigned">Whether the ONNX value that it stands for is int16.</param>
    public sealed record QuantizedWords(WordOperand Operand, bool IsSigned) : Source;

    /// <summary>Whole numbers of 32 or 64 bits, or truth values, fed or computed at run time; sums of products of bytes among them.</summary>
    /// <param name="Value">The numbers.</param>
    /// <param name="Type">Int64, Int32 or Boolean.</param>
    public sealed record Whole(EngineValue Value, ElementType Type) : Source;

    /// <summary>A constant of any type.</summary>
    public sealed record Constant(Tensor Tensor) : Source;

    /// <summary>What DequantizeLinear returns for a constant.</summary>
    public sealed record QuantizedConstant(IntegerConstant Content) : Source;
}

/// <summary>Constant integers and what they stand for.</summary>
/// <param name="Tensor">Int8, UInt8 or Int32.</param>
/// <param name="Scales">One, or one for each index along the axis.</param>
/// <param name="ZeroPoints">As many, as the file has them.</param>
/// <param name="Axis">The axis of the scales; without meaning where there is one.</param>
internal sealed record IntegerConstant(Tensor Tensor, float[] Scales, int[] ZeroPoints, int Axis)
{
    /// <summary>The element at an index, as a number.</summary>
    public int this[int index] => Tensor.Type switch
    {
        ElementType.Int8 => Tensor.Span<sbyte>()[index],
        ElementType.UInt8 => Tensor.Span<byte>()[index],
        _ => Tensor.Span<int>()[index],
    };

    /// <summary>The real numbers.</summary>
    public Tensor Dequantize()
    {
        var real = new float[Tensor.Count];
        var inner = Scales.Length == 1 ? Math.Max(1, real.Length) : Sizes.Product([.. Tensor.Shape.ToArray().Skip(Axis + 1).Select(l => (int)l)]);
        for (var i = 0; i < real.Length; i++)
        {
            var channel = i / inner % Scales.Length;
            real[i] = ((long)this[i] - ZeroPoints[channel]) * Scales[channel];
        }
        return Tensor.Of(Tensor.Shape, real);
    }
}

/// <summary>Where a quantized result goes.</summary>
/// <param name="Name">The ONNX value.</param>
/// <param name="IsSigned">Whether that is int8.</param>
/// <param name="Scale">What its bytes stand for.</param>
/// <param name="Range">Bounds, those of a Relu or Clip on the way.</param>
internal sealed record Target(string Name, bool IsSigned, ByteScale Scale, ByteRange Range);

/// <summary>Where a result goes that is quantized to 16 bits.</summary>
/// <param name="Name">The ONNX value.</param>
/// <param name="IsSigned">Whether that is int16.</param>
/// <param name="Scale">What its words stand for.</param>
/// <param name="Range">Bounds, those of a Relu or Clip on the way.</param>
internal sealed record WordTarget(string Name, bool IsSigned, WordScale Scale, WordRange Range);
