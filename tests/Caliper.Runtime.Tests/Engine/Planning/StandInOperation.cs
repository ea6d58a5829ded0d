using Caliper.Engine.Operations;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Runtime.Tests.Engine.Planning;

/// <summary>An operation of which planners see all they ask for: what it reads and writes, how that must lie, and the border it reads.</summary>
internal sealed class StandInOperation(string name, LayoutNeed needs, EngineValue[] inputs, params EngineValue[] outputs)
    : Operation(name, inputs, outputs)
{
    /// <summary>The border around the first input.</summary>
    public Border? Border { get; init; }

    public override LayoutNeed Needs => needs;

    public override Border? BorderAround(int input) => input == 0 ? Border : null;

    public override Step? CreateStep(StepFactory factory) => null;
}
