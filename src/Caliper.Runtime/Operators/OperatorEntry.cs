namespace Caliper.Operators;

/// <summary>One row of the catalogue.</summary>
/// <param name="Domain">The operator set: empty for ONNX itself, <c>com.microsoft</c> for ONNX Runtime's own.</param>
/// <param name="OpType">The operator, such as <c>Conv</c>.</param>
/// <param name="Form">How many inputs and outputs it has; null where nothing reads it.</param>
internal sealed record OperatorEntry(string Domain, string OpType, OperatorForm? Form)
{
    /// <summary>How it takes part in an int8 network.</summary>
    public OperatorRole Role { get; init; } = OperatorRole.Float;

    /// <summary>Which sum of products it is; null where it is none.</summary>
    public ProductKind? Product { get; init; }

    /// <summary>Whether a Relu or Clip that alone reads its result is computed with it, while the result is written.</summary>
    public bool JoinsActivation { get; init; }

    /// <summary>Bounds of its output that are known without looking, as of PyTorch's fixed-qparams operators.</summary>
    public (float Min, float Max)? FixedRange { get; init; }

    /// <summary>Whether every input carries activations, not the first alone.</summary>
    public bool TakesSeveral { get; init; }

    /// <summary>Whether ONNX Runtime computes it in integers between DequantizeLinear and QuantizeLinear.</summary>
    public bool HasIntegerKernel { get; init; } = true;

    /// <summary>The operator that is written for it in the QOperator form; null where it is written as in the QDQ form.</summary>
    public string? QOperator { get; init; }

    /// <summary>Whether its result has the type and the shape of its first input, whatever its attributes are.</summary>
    public bool KeepsShape { get; init; }

    /// <summary>Whether its result is the elements of its first input in another order or another shape.</summary>
    public bool Reorders { get; init; }

    /// <summary>Whether its result is some of the elements of its first input, or their places.</summary>
    public bool Selects { get; init; }

    /// <summary>Whether it returns as many rows as the numbers that it reads choose.</summary>
    public bool ChoosesRows { get; init; }

    /// <summary>Whether it ranks numbers, and its integers are the places of those that it ranks first.</summary>
    public bool Ranks { get; init; }

    /// <summary>Whether numbers that it is given say how large its result is: a few bytes may ask for gigabytes.</summary>
    public bool IsSizedByNumbers { get; init; }

    /// <summary>Whether it may fail, as an index outside of a table can, or takes long: who computes both branches of an If asks.</summary>
    public bool StaysInBranch { get; init; }

    /// <summary>The operator that it is a case of, and is run as where nothing is said of itself; null for most.</summary>
    public Spelling? Spelled { get; init; }

    /// <summary>Whether the shape of its result depends on the numbers that it is given, so that no plan goes past it.</summary>
    public bool EndsPlan { get; init; }

    /// <summary>Whether it computes with quantized numbers: a network that holds it is quantized already.</summary>
    public bool IsOfIntegers { get; init; }
}
