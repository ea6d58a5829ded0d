using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Caliper.Engine.Importing;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Conformance.Engine;

/// <summary>What the catalogue's rows claim, against ONNX Runtime: a new row is tested by being there.</summary>
public class CatalogueTests
{
    private const float InputMax = 2.5f, RangeMax = 8;

    /// <summary>Every function of one value, in every domain that has it.</summary>
    public static TheoryData<string, string, bool> Functions
    {
        get
        {
            var rows = OperatorCatalogue.All.Where(e => UnaryFunctions.IsOfOne(e.OpType)).ToArray();
            return [.. rows.SelectMany(e => new[] { false, true }.Select(signed => (e.Domain, e.OpType, signed)))];
        }
    }

    [Fact]
    public void Every_function_of_the_engine_has_a_row() =>
        Assert.Empty(UnaryFunctions.Operators.Except(OperatorCatalogue.All.Select(e => e.OpType)));

    [Fact]
    public void What_becomes_int8_runs_in_the_engine() => Assert.Empty(
        OperatorCatalogue.All.Where(e => e.Role != OperatorRole.Float && !Support(e).HasFlag(OperatorSupport.Bytes)).Select(e => e.OpType));

    [Fact]
    public void QOperator_names_are_operators_that_the_engine_runs() => Assert.All(
        OperatorCatalogue.All.Where(e => e.QOperator is not null),
        e => Assert.Contains(OperatorCatalogue.All, q => q.OpType == e.QOperator && Support(q).HasFlag(OperatorSupport.Bytes)));

    /// <summary>Whoever adds an operator of integers cannot forget to say so: its name tells, or the engine, which knows it on bytes
    /// alone.</summary>
    [Fact]
    public void Operators_of_integers_are_said_to_be()
    {
        var named = new Regex("^Q[A-Z]|[Qq]uantize|Integer|NBits|Bnb4|Q4");
        var onBytes = OperatorCatalogue.All.Where(e => e.Role is OperatorRole.Float && Support(e) == OperatorSupport.Bytes).Select(e => e.OpType);
        Assert.All(OperatorCatalogue.All, e => Assert.Equal(named.IsMatch(e.OpType), e.IsOfIntegers));
        Assert.Empty(onBytes.Except(OperatorCatalogue.All.Where(e => e.IsOfIntegers).Select(e => e.OpType)).Except(["Cast", "ReduceMean"]));
    }

    [Theory]
    [InlineData("MatMulNBits", "com.microsoft", true)]
    [InlineData("QGemm", "com.microsoft", true)]
    [InlineData("DynamicQuantizeMatMul", "com.microsoft", true)]
    [InlineData("MatMulIntegerToFloat", "com.microsoft", true)]
    [InlineData("ConvInteger", "", true)]
    [InlineData("ConvInteger", "ai.onnx", true)]
    [InlineData("QuickGelu", "com.microsoft", false)]
    [InlineData("MatMul", "", false)]
    public void A_network_with_an_operator_of_integers_is_quantized(string operation, string domain, bool isQuantized)
    {
        var node = new Node("n", operation, ["x"], ["y"]) { Domain = domain };
        var graph = new Graph("g", [new Value("x", ElementType.Float32, Shape.Of(1))], [], [node],
            ImmutableSortedDictionary<string, Tensor>.Empty);
        Assert.Equal(isQuantized, new Model(graph, ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("", 21L)])).IsQuantized());
    }

    [Theory]
    [InlineData(ElementType.Int4, false)]
    [InlineData(ElementType.Int8, true)]
    public void Weights_stored_in_fewer_bits_are_those_of_a_float_network(ElementType type, bool isQuantized)
    {
        var weights = new Tensor(type, Shape.Of(4), new byte[type.ByteCount(4)]);
        var graph = new Graph("g", [], [], [new Node("n", "DequantizeLinear", ["w", "s"], ["y"])],
            ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("w", weights), KeyValuePair.Create("s", Tensor.Scalar(1f))]));
        Assert.Equal(isQuantized, new Model(graph, ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("", 21L)])).IsQuantized());
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_of_one_value(string domain, string operation, bool signed)
    {
        var function = UnaryFunctions.OfOne(new Node(operation, operation, ["x"], ["y"]) { Domain = domain })!.Of;
        var builder = new QdqBuilder(17) { Signed = signed, Opset = 20 };
        var x = builder.Input(1, 16, 40, 40);
        // Where a function has no value for negative numbers, it gets none: an integer that stands for NaN is nobody's promise.
        if (float.IsNaN(function(-1))) x = builder.Apply("Relu", InputMax, [x], n => n, relu: true);
        var y = builder.Apply(operation, RangeOf(function), [x], n => n with { Domain = domain });
        Comparison.AssertSameLevels(builder.Build(asFloats: false, y));
    }

    private static OperatorSupport Support(OperatorEntry row) => OperatorTable.SupportOf(row.Domain, row.OpType);

    private static float RangeOf(Func<float, float> function) => Math.Clamp(
        Enumerable.Range(-100, 201).Select(i => Math.Abs(function(i * InputMax / 100))).Where(float.IsFinite).Max(), 1, RangeMax);
}
