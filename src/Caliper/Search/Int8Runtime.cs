namespace Caliper.Search;

/// <summary>Who will run an int8 network, which decides what more than 8 bits cost.</summary>
public enum Int8Runtime
{
    /// <summary>Caliper's engine: activations of 16 bits are multiplied as integers, at half the speed of 8.</summary>
    Caliper,

    /// <summary>ONNX Runtime on a CPU: it has no products of 16 bits and computes such layers in float, with a conversion before and after each;
    /// so what needs more than 8 bits is float.</summary>
    OnnxRuntime,
}
