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

    /// <summary>What older versions have as an attribute and newer ones as an input: nobody may say both.</summary>
    public (string Attribute, int Input)[] OnceOnly { get; init; } = [];

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
        foreach (var (attribute, input) in OnceOnly)
            if (node.Input(input).Length > 0 && node.Attributes.ContainsKey(attribute))
                throw NodeFault.Of(node, $"says its '{attribute}' twice, as an attribute and as the input '{node.Inputs[input]}'");
    }

    private static string Range(int least, int most) => least == most ? $"{least}" : most == Any ? $"{least} or more" : $"{least} to {most}";
}
