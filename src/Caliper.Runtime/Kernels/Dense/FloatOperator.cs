namespace Caliper.Kernels.Dense;

/// <summary>A float operator on dense tensors in ONNX order, made for fixed shapes.</summary>
/// <param name="inputs">The first element of each input.</param>
/// <param name="output">The first element of the output.</param>
internal unsafe delegate void FloatRun(float** inputs, float* output);

/// <summary>A float operator and which of its node's inputs it reads.</summary>
internal sealed record FloatOperator(int[] Inputs, FloatRun Run);
