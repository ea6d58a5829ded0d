using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>Resize of NHWC bytes: the nearest pixel, or linear interpolation.</summary>
internal sealed class ResizeOperation(
    string name, EngineValue input, EngineValue output, ResampleAxis rows, ResampleAxis columns, ResizeScales? scales)
        : Operation(name, [input], output)
{
    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    public override Step CreateStep(StepFactory factory) => new ResizeStep(Inputs[0].Layout, Output.Layout, rows, columns, scales)
    {
        Name = Name,
        Kind = scales is null ? "resize nearest" : "resize linear",
        BytesTouched = OperandBytes(),
    };
}
