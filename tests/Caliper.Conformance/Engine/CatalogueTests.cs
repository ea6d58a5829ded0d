using Caliper.Engine.Importing;
using Caliper.Graphs;
using Caliper.Preparation;

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
    public void What_becomes_int8_runs_in_the_engine_or_is_a_known_exception() => Assert.Equal(
        // ONNX Runtime runs networks that hold these.
        ["ConvTranspose", "Tile"],
        OperatorCatalogue.All.Where(e => e.Role != OperatorRole.Float && !e.Engine.HasFlag(OperatorSupport.Bytes)).Select(e => e.OpType));

    [Fact]
    public void QOperator_names_are_operators_that_the_engine_runs() => Assert.All(
        OperatorCatalogue.All.Where(e => e.QOperator is not null),
        e => Assert.Contains(OperatorCatalogue.All, q => q.OpType == e.QOperator && q.Engine.HasFlag(OperatorSupport.Bytes)));

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_of_one_value(string domain, string operation, bool signed)
    {
        var function = UnaryFunctions.OfOne(new Node(operation, operation, ["x"], ["y"]) { Domain = domain })!;
        var builder = new QdqBuilder(17) { Signed = signed, Opset = 20 };
        var x = builder.Input(1, 16, 40, 40);
        // Where a function has no value for negative numbers, it gets none: an integer that stands for NaN is nobody's promise.
        if (float.IsNaN(function(-1))) x = builder.Apply("Relu", InputMax, [x], n => n, relu: true);
        var y = builder.Apply(operation, RangeOf(function), [x], n => n with { Domain = domain });
        Comparison.AssertSameLevels(builder.Build(asFloats: false, y));
    }

    private static float RangeOf(Func<float, float> function) => Math.Clamp(
        Enumerable.Range(-100, 201).Select(i => Math.Abs(function(i * InputMax / 100))).Where(float.IsFinite).Max(), 1, RangeMax);
}
