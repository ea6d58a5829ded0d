using Caliper.Engine.Importing;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Statistics;

namespace Caliper.Preparation;

/// <summary>One row of the catalogue: what the quantizer decided about an operator, and what shape inference and engine know.</summary>
/// <param name="Domain">The operator set: empty for ONNX itself, <c>com.microsoft</c> for ONNX Runtime's own.</param>
/// <param name="OpType">The operator, such as <c>Conv</c>.</param>
/// <param name="Role">How it takes part in an int8 network.</param>
internal sealed record OperatorEntry(string Domain, string OpType, OperatorRole Role)
{
    /// <summary>Bounds of its output that are known without looking, as of PyTorch's fixed-qparams operators.</summary>
    public RealRange? FixedRange { get; init; }

    /// <summary>Whether every input carries activations, not the first alone.</summary>
    public bool TakesSeveral { get; init; }

    /// <summary>Whether ONNX Runtime computes it in integers between DequantizeLinear and QuantizeLinear.</summary>
    public bool HasIntegerKernel { get; init; } = true;

    /// <summary>The operator that is written for it in the QOperator form; null where it is written as in the QDQ form.</summary>
    public string? QOperator { get; init; }

    /// <summary>Whether it computes with quantized numbers: a network that holds it is quantized already.</summary>
    public bool IsOfIntegers { get; init; }

    /// <summary>Whether its output's shape can be told.</summary>
    public bool HasShapeRule => RuleTable.Find(new Node(OpType, OpType, [], []) { Domain = Domain }) is not null;

    /// <summary>What our engine can do with it.</summary>
    public OperatorSupport Engine => OperatorTable.SupportOf(Domain, OpType);
}
