using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Steps;

/// <summary>A float operator, on one thread.</summary>
internal sealed unsafe class FloatStep(Place[] inputs, Place output, FloatRun run) : Step
{
    public override int Units => 1;

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var addresses = stackalloc float*[Math.Max(1, inputs.Length)];
        for (var i = 0; i < inputs.Length; i++) addresses[i] = (float*)context.At(inputs[i]);
        run(addresses, (float*)context.At(output));
    }
}
