using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>An operation through which no factor passes.</summary>
/// <param name="node">The operation.</param>
/// <param name="relieved">A value that it reads undone, so that the value itself need not stay; or null.</param>
internal sealed class FixedPassage(Node node, string? relieved) : Passage(node)
{
    public override void Bind(ChannelClasses classes)
    {
        foreach (var value in Node.Reads().Where(v => v != relieved).Concat(Node.Outputs)) classes.Fix(value);
    }

    public override void CarryBack(NoiseWeights noise)
    {
        var input = Node.Input(0);
        switch (Node.OpType)
        {
            case "Sigmoid" when noise.Facts.Of(Node.Output) is { } gate:
                // The slope of a Sigmoid at its value σ is σ(1 - σ).
                noise.Pass(input, Node.Output, c => Squared(gate[c].Mean - gate[c].Mean * gate[c].Mean - gate[c].Variance));
                break;
            case "Tanh" when noise.Facts.Of(Node.Output) is { } bent:
                noise.Pass(input, Node.Output, c => Squared(1 - bent[c].Mean * bent[c].Mean - bent[c].Variance));
                break;
            case "HardSigmoid":
                noise.Pass(input, Node.Output, _ => Squared(Node.Float("alpha", 0.2f)));
                break;
            case "Clip":
                noise.Pass(input, Node.Output, _ => 1);
                break;
            case "Add" or "Sub":
                foreach (var operand in Node.Inputs) noise.Pass(operand, Node.Output, _ => 1);
                break;
            default:
                noise.PassRelative(Node);
                break;
        }
    }

    private static double Squared(double x) => x * x;
}
