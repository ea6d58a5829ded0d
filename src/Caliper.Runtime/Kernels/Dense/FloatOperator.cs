namespace Caliper.Kernels.Dense;

/// <summary>An operator on dense tensors in ONNX order, made for fixed shapes. What is not float
/// is cast: bytes, and sums in int32.</summary>
/// <param name="inputs">The first element of each input.</param>
/// <param name="output">The first element of the output.</param>
/// <param name="set">Which instructions it may use; the bits are the same.</param>
internal unsafe delegate void DenseFunction(float** inputs, float* output, KernelSet set);

/// <summary>What an operator is, where others build on it.</summary>
internal interface IDenseForm;

/// <summary>The pieces of an operator from one to before another.</summary>
internal unsafe delegate void DensePieces(float** inputs, float* output, KernelSet set, int start, int end);

/// <summary>An operator on dense tensors and how much of each it touches, counted from the first element.</summary>
/// <param name="Run">The operator.</param>
/// <param name="OutputBytes">What it writes.</param>
/// <param name="InputBytes">What it reads of each input.</param>
internal sealed record DenseKernel(DenseFunction Run, long OutputBytes, params long[] InputBytes)
{
    /// <summary>How many pieces threads may share.</summary>
    public int Count { get; private init; } = 1;

    /// <summary>Some of the pieces; null where there is one.</summary>
    public DensePieces? Pieces { get; private init; }

    /// <summary>What it is, for whoever makes one operation of several; null where nobody asks.</summary>
    public IDenseForm? Form { get; private init; }

    /// <summary>Its pieces, each of which computes some elements of the output whole.</summary>
    public static unsafe DenseKernel Of(int count, DensePieces pieces, long outputBytes, params long[] inputBytes) =>
        new((inputs, output, set) => pieces(inputs, output, set, 0, count), outputBytes, inputBytes)
        {
            Count = Math.Max(1, count),
            Pieces = count > 1 ? pieces : null,
        };

    /// <summary>The same, known as what it is.</summary>
    public DenseKernel As(IDenseForm? form) => this with { Form = form };

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
