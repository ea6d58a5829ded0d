using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Steps;

/// <summary>A float operator, which threads share where it has pieces.</summary>
internal sealed unsafe class FloatStep(Place[] inputs, Place output, DenseKernel kernel, KernelSet set) : Step
{
    public override string Kernel => FloatVectors.NameFor(set);

    public override int Units => kernel.Count;

    public override IEnumerable<Extent> Extents => kernel.InputBytes.Length != inputs.Length
        ? throw new ArgumentException($"A kernel of {kernel.InputBytes.Length} operands was given {inputs.Length}.")
        : [Extent.Writes(output, new(0, kernel.OutputBytes)), .. inputs.Zip(kernel.InputBytes, (i, bytes) => Extent.Reads(i, new(0, bytes)))];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var addresses = stackalloc float*[Math.Max(1, inputs.Length)];
        for (var i = 0; i < inputs.Length; i++) addresses[i] = (float*)context.At(inputs[i]);
        if (kernel.Pieces is { } pieces) pieces(addresses, (float*)context.At(output), set, unitStart, unitEnd);
        else kernel.Run(addresses, (float*)context.At(output), set);
    }
}
