using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Operations;

/// <summary>An operator that runs in float32 because it has no integer form.</summary>
internal sealed class FloatOperation(string name, string kind, EngineValue[] inputs, EngineValue output, DenseKernel kernel)
    : Operation(name, inputs, output)
{
    /// <summary>What the operator is, where others build on it.</summary>
    public IDenseForm? Form => kernel.Form;

    public override LayoutNeed Needs => LayoutNeed.Dense;

    public override Step CreateStep(StepFactory factory) =>
        new FloatStep([.. Inputs.Select(i => Place.Of(i.Layout))], Place.Of(Output.Layout), kernel, factory.Kernels)
        {
            Name = Name,
            Kind = Output.Type is EngineType.Float ? $"{kind} (float)" : kind,
            BytesTouched = OperandBytes(),
        };
}
