using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>A product of two values that are computed: what one is divided by, the product is; the other stays as it is.</summary>
/// <param name="node">The Mul.</param>
/// <param name="scaled">Which of its inputs may be divided.</param>
internal sealed class ProductPassage(Node node, int scaled) : Passage(node)
{
    public override void Bind(ChannelClasses classes)
    {
        // x·x would be divided twice.
        if (Node.Inputs[0] == Node.Inputs[1]) classes.Fix(Node.Output);
        classes.Tie(Node.Inputs[scaled], Node.Output);
        classes.Fix(Node.Inputs[1 - scaled]);
    }

    public override void CarryBack(NoiseWeights noise)
    {
        for (var i = 0; i < 2; i++)
        {
            var count = noise.Of(Node.Output).Length;
            var powers = noise.Facts.PowersOf(Node.Inputs[1 - i], count);
            noise.Pass(Node.Inputs[i], Node.Output, c => powers[c]);
        }
    }
}
