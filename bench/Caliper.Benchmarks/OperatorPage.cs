using System.Globalization;
using Caliper.Engine.Importing;
using Caliper.Fusion.Unfusing;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Operators;

namespace Caliper.Benchmarks;

/// <summary>docs/8-operators.md, written from the catalogue:
/// dotnet run -c Release --project bench/Caliper.Benchmarks -- operators > docs/8-operators.md</summary>
internal static class OperatorPage
{
    private const string Head = """
        # Operators

        Every operator that some part of Caliper knows, as its catalogue has them. This page is written by a command, and a test holds it to that:

            dotnet run -c Release --project bench/Caliper.Benchmarks -- operators > docs/8-operators.md

        * **role**: how the quantizer takes it. *Linear*: a sum of products, exact in int32. *Arithmetic*: it makes new values, which get a
          scale of their own. *PassThrough*: it moves, selects or cuts off values and keeps the scale of its input. *Join*: all its inputs share
          one scale. *Float*: the quantizer leaves it as it is, whatever the engine could do with it.
          *Quantized*: it computes with quantized numbers, and a network that holds it is quantized already.
        * **range**: bounds of its output that need no observing.
        * **QOperator**: the integer operator written for it with `--onnx-form qoperator`; without one it is written as in the QDQ form.
        * **shape**: whether the shape of its output can be told. An int8 network for our engine needs that of every operator.
        * **engine**: what `Int8Session` computes. *int8*: on bytes, where it stands between DequantizeLinear and QuantizeLinear or is an
          operator of integers. *int8 with a constant*: on bytes where one of two operands is one constant number. *16 bits*: on
          activations of uint16 and int16 in integers, which all others read as floats. *float*: in float32.
          *whole numbers*: on int64, int32 and truth values, exactly. A node may still have attributes or types that the engine refuses; it
          says so when it loads the model. Nothing there: a network that holds it is run by ONNX
          Runtime, unless it is computed from constants and shapes alone and so is gone when the plan is made.

        Operators that stand for several are read as those: {FUSED}.
        A file that ONNX Runtime saved after its optimizations is so the network that it was made of, up to the level ORT_ENABLE_EXTENDED. What
        keeps keys and values from call to call, or looks back only in one of ONNX Runtime's own, stays as it is.

        What is not in the table stays float, and ONNX Runtime runs the network. How a row comes about is told in
        [4-engine](4-engine.md#adding-an-operator); which layers become int8 in [2-the-flow](2-the-flow.md).

        | domain | operator | role | range | QOperator | shape | engine |
        |---|---|---|---|---|---|---|
        """;

    public static void Print(TextWriter output)
    {
        var fused = FusedOperators.All.OrderBy(o => o.Domain, StringComparer.Ordinal).ThenBy(o => o.OpType, StringComparer.Ordinal)
            .Select(o => $"`{(o.Domain.Length > 0 ? o.Domain + "." : "")}{o.OpType}`");
        foreach (var line in Head.Replace("{FUSED}", string.Join(", ", fused), StringComparison.Ordinal).Split('\n'))
            output.Write(line.TrimEnd('\r') + "\n");
        foreach (var row in OperatorCatalogue.All) output.Write(Line(row) + "\n");
    }

    private static string Line(OperatorEntry row)
    {
        var range = row.FixedRange is var (min, max) ? string.Create(CultureInfo.InvariantCulture, $"{min}…{max}").Replace('-', '−') : "";
        string[] cells =
        [
            row.Domain, row.OpType, row.IsOfIntegers ? "Quantized" : row.Role.ToString(), range, row.QOperator ?? "",
            HasShape(row) ? "yes" : "", string.Join(", ", Words(OperatorTable.SupportOf(row.Domain, row.OpType))),
        ];
        return "|" + string.Concat(cells.Select(c => c.Length == 0 ? " |" : $" {c} |"));
    }

    private static bool HasShape(OperatorEntry row) =>
        RuleTable.Find(new Node(row.OpType, row.OpType, [], []) { Domain = row.Domain }) is not null;

    private static IEnumerable<string> Words(OperatorSupport support)
    {
        if (support.HasFlag(OperatorSupport.Bytes)) yield return "int8";
        if (support.HasFlag(OperatorSupport.BytesWithConstant)) yield return "int8 with a constant";
        if (support.HasFlag(OperatorSupport.Words)) yield return "16 bits";
        if (support.HasFlag(OperatorSupport.Floats)) yield return "float";
        if (support.HasFlag(OperatorSupport.WholeNumbers)) yield return "whole numbers";
    }
}
