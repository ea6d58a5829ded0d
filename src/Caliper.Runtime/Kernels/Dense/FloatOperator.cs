namespace Caliper.Kernels.Dense;

/// <summary>An operator on dense tensors in ONNX order, made for fixed shapes. What is not float
/// is cast: bytes, and sums in int32.</summary>
/// <param name="inputs">The first element of each input.</param>
/// <param name="output">The first element of the output.</param>
/// <param name="set">Which instructions it may use; the bits are the same.</param>
internal unsafe delegate void DenseFunction(float** inputs, float* output, KernelSet set);

/// <summary>An operator on dense tensors and how much of each it touches, counted from the first element.</summary>
/// <param name="Run">The operator.</param>
/// <param name="OutputBytes">What it writes.</param>
/// <param name="InputBytes">What it reads of each input.</param>
internal sealed record DenseKernel(DenseFunction Run, long OutputBytes, params long[] InputBytes)
{
    /// <summary>An operator on floats alone.</summary>
    public static DenseKernel OfFloats(DenseFunction run, long outputs, params ReadOnlySpan<long> inputs)
    {
        var bytes = new long[inputs.Length];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = checked(inputs[i] * sizeof(float));
        return new(run, checked(outputs * sizeof(float)), bytes);
    }
}

/// <summary>A float operator and which of its node's inputs it reads.</summary>
internal sealed record FloatOperator(int[] Inputs, DenseKernel Kernel)
{
    /// <summary>Whether the second input, a constant matrix, is read with its axes exchanged.</summary>
    public bool TransposesSecond { get; init; }
}
