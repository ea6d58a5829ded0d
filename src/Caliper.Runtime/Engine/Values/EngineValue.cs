using Caliper.Graphs;

namespace Caliper.Engine.Values;

/// <summary>
/// A tensor between two operations of the engine. Bytes are always unsigned: what ONNX calls int8 is kept with its top bit
/// flipped and a zero point 128 higher, which leaves every result as it is and lets one kernel serve both.
/// </summary>
internal sealed class EngineValue
{
    public EngineValue(string name, EngineType type, int[] shape)
    {
        (Name, Type, Shape) = (name, type, shape);
        long count = 1;
        foreach (var length in shape) count = checked(count * length);
        if (count * ElementSize > int.MaxValue)
            throw new CaliperException($"The tensor '{name}' of shape {Sizes.Text(shape)} is larger than 2 GB; choose a smaller batch or input.");
        Count = (int)count;
    }

    /// <summary>The name in the ONNX file, for messages and reports.</summary>
    public string Name { get; }

    /// <summary>What its elements are.</summary>
    public EngineType Type { get; }

    /// <summary>Lengths in ONNX order, such as N, C, H, W.</summary>
    public int[] Shape { get; }

    /// <summary>Number of elements.</summary>
    public int Count { get; }

    /// <summary>The elements where they are constant, in ONNX order: bytes as the engine keeps them, or floats.</summary>
    public Tensor? Constant { get; init; }

    /// <summary>Where it lies in memory; set by the planner.</summary>
    public TensorLayout Layout { get; set; } = null!;

    /// <summary>Bytes of one element.</summary>
    public int ElementSize => Type switch { EngineType.Byte or EngineType.Boolean => 1, EngineType.Int64 => 8, _ => 4 };

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Type} {Sizes.Text(Shape)}";
}

/// <summary>What a tensor of the engine holds.</summary>
internal enum EngineType
{
    /// <summary>Quantized values, unsigned.</summary>
    Byte,

    /// <summary>Float32.</summary>
    Float,

    /// <summary>Exact 32-bit sums, as ConvInteger and MatMulInteger give them, and other whole numbers.</summary>
    Int32,

    /// <summary>Whole numbers of 64 bits: tokens, positions.</summary>
    Int64,

    /// <summary>Truth values of a byte each; every byte but 0 is true.</summary>
    Boolean,
}
