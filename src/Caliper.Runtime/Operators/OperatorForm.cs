using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>How many inputs and outputs an operator has, in all versions that are read, and which it cannot do without.</summary>
/// <param name="Least">The fewest inputs.</param>
/// <param name="Most">The most inputs.</param>
internal sealed record OperatorForm(int Least, int Most)
{
    /// <summary>As many inputs as one likes.</summary>
    public const int Any = int.MaxValue;

    /// <summary>The most outputs.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>The fewest outputs.</summary>
    public int LeastOutputs { get; init; } = 1;

    /// <summary>Whether the first output may be left out.</summary>
    public bool FirstOutputIsOptional { get; init; }

    /// <summary>Inputs below <see cref="Least"/> that may be left out by an empty name.</summary>
    public int[] MayBeEmpty { get; init; } = [];

    /// <summary>What older versions have as an attribute and newer ones, from a version on, as an input: nobody may say both.</summary>
    public (string Attribute, int Input, long Since)[] Moved { get; init; } = [];

    /// <summary>How many of the moved inputs a node needs once they are inputs.</summary>
    public int LeastOnceMoved { get; init; }

    /// <summary>Refuses a node of another form.</summary>
    /// <exception cref="CaliperException">Inputs or outputs are missing or too many, or something is said twice.</exception>
    public void Check(Node node)
    {
        var (inputs, outputs) = (node.Inputs.Length, node.Outputs.Length);
        if (inputs < Least || inputs > Most) throw NodeFault.Of(node, $"has {inputs} inputs, but its operator takes {Range(Least, Most)}");
        if (outputs < LeastOutputs || outputs > Outputs)
            throw NodeFault.Of(node, $"has {outputs} outputs, but its operator gives {Range(LeastOutputs, Outputs)}");
        for (var input = 0; input < (Most == Any ? inputs : Least); input++)
            if (node.Inputs[input].Length == 0 && !MayBeEmpty.Contains(input)) throw NodeFault.Of(node, $"leaves out its input {input + 1}");
        if (node.Outputs[0].Length == 0 && !FirstOutputIsOptional) throw NodeFault.Of(node, "leaves out its first output");
        foreach (var (attribute, input, _) in Moved)
            if (node.Input(input).Length > 0 && node.Attributes.ContainsKey(attribute))
                throw NodeFault.Of(node, $"says its '{attribute}' twice, as an attribute and as the input '{node.Inputs[input]}'");
    }

    /// <summary>Refuses a node that another version of the operators would have.</summary>
    public void Check(Node node, long version)
    {
        foreach (var (attribute, _, since) in Moved)
        {
            if (version < since) continue;
            if (node.Attributes.ContainsKey(attribute))
                throw NodeFault.Of(node, $"has an attribute '{attribute}', which is an input since version {since} of the operators");
            for (var input = 1; input < LeastOnceMoved; input++)
                if (node.Input(input).Length == 0) throw NodeFault.Of(node, $"leaves out its input {input + 1}");
        }
    }

    private static string Range(int least, int most) => least == most ? $"{least}" : most == Any ? $"{least} or more" : $"{least} to {most}";
}
