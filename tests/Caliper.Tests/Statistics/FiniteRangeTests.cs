using System.Numerics;
using Caliper.Statistics;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Tests.Statistics;

public class FiniteRangeTests
{
    [Fact]
    public void A_range_prints_its_ends() => Assert.Equal("[0.5, 2]", new RealRange(0.5f, 2).ToString());

    private static readonly Gen<float> Any = Gen.OneOf(
        Gen.Float, Gen.Const(0f), Gen.Const(-0f), Gen.Const(float.NaN), Gen.Const(float.PositiveInfinity), Gen.Const(float.NegativeInfinity));

    /// <summary>Every length from none to four vectors and one element.</summary>
    public static TheoryData<int> Lengths() => [.. Enumerable.Range(0, (4 * Vector<float>.Count) + 2)];

    [Theory, MemberData(nameof(Lengths))]
    public void Vectors_find_exactly_what_the_reference_finds_and_read_nothing_else(int length) =>
        Any.Array[length].Sample(values =>
    {
        using var memory = GuardedMemory<float>.Of(values);
        AssertSame(FiniteRange.Reference(values), FiniteRange.Of(memory.Span));
    }, iter: 20);

    [Fact]
    public void One_value_out_of_many_is_found_wherever_it_stands() =>
        Gen.Select(Gen.Int[1, 3000], Gen.Int[0, 2999], Any).Where((length, at, _) => at < length).Sample((length, at, value) =>
        {
            var values = new float[length];
            values[at] = value;
            AssertSame(FiniteRange.Reference(values), FiniteRange.Of(values));
        });

    private static void AssertSame(FiniteRange expected, FiniteRange actual)
    {
        Assert.Equal(BitConverter.SingleToInt32Bits(expected.Min), BitConverter.SingleToInt32Bits(actual.Min));
        Assert.Equal(BitConverter.SingleToInt32Bits(expected.Max), BitConverter.SingleToInt32Bits(actual.Max));
        Assert.Equal(expected.Skipped, actual.Skipped);
    }
}
