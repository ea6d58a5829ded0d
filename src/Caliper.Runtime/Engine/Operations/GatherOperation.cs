using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Operations;

/// <summary>Gather at places that are computed or fed: an embedding.</summary>
internal sealed class GatherOperation(string name, EngineValue table, EngineValue indices, int axis, EngineValue output)
    : Operation(name, [table, indices], output)
{
    public override LayoutNeed Needs => LayoutNeed.Dense;

    public override Step CreateStep(StepFactory factory)
    {
        var (from, places) = (Inputs[0], Inputs[1]);
        var (outer, inner) = (Sizes.Product(from.Shape.AsSpan(0, axis)), Sizes.Product(from.Shape.AsSpan(axis + 1)));
        return new GatherStep(Place.Of(from.Layout), Place.Of(places.Layout), places.Type is EngineType.Int64, Place.Of(Output.Layout),
            (outer, from.Shape[axis], places.Count, (long)inner * from.ElementSize))
        {
            Name = Name,
            Kind = "Gather",
            BytesTouched = 2L * Output.Count * Output.ElementSize,
        };
    }
}
