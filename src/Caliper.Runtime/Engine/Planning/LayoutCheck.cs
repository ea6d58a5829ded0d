using Caliper.Engine.Operations;
using Caliper.Engine.Values;

namespace Caliper.Engine.Planning;

/// <summary>
/// The last look at a plan: whether every tensor lies as each operation that reads or writes it takes for granted. Only steps that walk
/// along strides do without; the others would compute with bytes of other elements.
/// </summary>
internal static class LayoutCheck
{
    /// <exception cref="CaliperException">A tensor lies otherwise; the message names the operation and the tensor.</exception>
    public static void Verify(EngineGraph graph, IReadOnlyDictionary<EngineValue, Border> borders)
    {
        var bordered = borders.ToLookup(b => b.Key.Layout.Storage, b => b.Value);
        foreach (var operation in graph.Operations)
        {
            foreach (var value in operation.Inputs.Concat(operation.Outputs))
                if (!Suits(operation.Needs, value)) throw Misplaced(operation, value);
            for (var input = 0; input < operation.Inputs.Length; input++)
            {
                if (operation.BorderAround(input) is not { IsEmpty: false } border) continue;
                var value = operation.Inputs[input];
                if (!bordered[value.Layout.Storage].Any(b => b.Covers(border))) throw Misplaced(operation, value);
            }
        }
    }

    private static bool Suits(LayoutNeed need, EngineValue value) => need switch
    {
        LayoutNeed.Dense => value.Layout.IsDense(value.ElementSize),
        LayoutNeed.ChannelsLast => value.Layout.IsChannelsLast(value.ElementSize),
        _ => true,
    };

    private static CaliperException Misplaced(Operation operation, EngineValue value) => new(
        $"The int8 engine has no plan for the node '{operation.Name}': the tensor '{value.Name}' of shape {Sizes.Text(value.Shape)} would not lie "
        + "as it needs it. Run the model with the ONNX Runtime backend (--backend onnxruntime).");
}
