using Caliper.Numerics;
using Caliper.Ranges;
using Caliper.Statistics;
using CsCheck;

namespace Caliper.Tests.Ranges;

public class RangeMethodTests
{
    private static readonly Gen<float[]> Values =
        from values in Gen.Float[-4, 4].Array[1, 200]
        from exponent in Gen.Int[-20, 20]
        from zeros in Gen.Bool
        select values.Select((v, i) => zeros && i % 2 == 0 ? 0 : MathF.ScaleB(v * v * v, exponent)).ToArray();

    public static TheoryData<string> Methods() => [.. RangeMethod.All.Select(m => m.ToString())];

    [Theory, MemberData(nameof(Methods))]
    public void The_choice_does_not_depend_on_order_or_on_how_the_data_was_split(string method) =>
        Gen.Select(Values, Values, Values, Gen.Bool).Sample((a, b, c, symmetric) =>
        {
            var (x, y, z) = (TensorStatistics.Of(a), TensorStatistics.Of(b), TensorStatistics.Of(c));
            var one = TensorStatistics.Merge(TensorStatistics.Merge(x, y), z);
            var other = TensorStatistics.Merge(z, TensorStatistics.Merge(TensorStatistics.Of([.. b.Reverse()]), x));
            Assert.Equal(Choose(method, one, symmetric), Choose(method, other, symmetric));
        }, iter: 20);

    [Theory, MemberData(nameof(Methods))]
    public void The_range_includes_zero(string method) => Gen.Select(Values, Gen.Bool).Sample((values, symmetric) =>
    {
        var (min, max) = Choose(method, TensorStatistics.Of(values), symmetric);
        Assert.InRange(0, min, max);
    }, iter: 20);

    [Theory]
    [InlineData("mse")]
    [InlineData("lp")]
    [InlineData("sqnr")]
    public void A_window_that_was_searched_for_is_reproduced_by_the_rule_of_the_observers(string method) =>
        Gen.Select(Values, Gen.Int[0, 2]).Sample((values, scheme) =>
        {
            var (type, symmetric) = MseRangeTests.TypeOf(new[] { "affine", "symmetric", "reduced" }[scheme]);
            var statistics = TensorStatistics.Of(values);
            var (min, max) = RangeMethod.Parse(method).Choose(statistics, type, symmetric);
            var (least, greatest) = (MathF.Min(statistics.Min, 0), MathF.Max(statistics.Max, 0));
            if ((min, max) == (least, greatest)) return;
            // Numbers below 2⁻¹³³ share their bin with zero and have lost their sign: without them the whole range begins at zero.
            if (least > -MathF.ScaleB(1, -133) && (min, max) == (0, greatest)) return;
            var parameters = MseRangeTests.Parameters(type, symmetric, min, max);
            // Below the least scale there is no other.
            if (parameters.Scale <= 1.2e-7f) return;
            Assert.Equal(min, parameters.RangeMin);
            Assert.Equal(max, parameters.RangeMax);
        }, iter: 100);

    [Theory, MemberData(nameof(Methods))]
    public void Strange_tensors_have_a_finite_range_that_is_theirs(string method)
    {
        foreach (var values in (float[][])[[], [0, 0], [5], [-5], [1e-44f], [-1e-44f, 1e-40f], [-1e-42f], [1e38f, -1e38f],
            [float.MaxValue, float.MinValue],
            [float.Epsilon, 1e38f], [float.NaN, 2], [float.PositiveInfinity], [1e-30f, 1e-29f], [-3, -3, -3]])
        {
            foreach (var symmetric in (bool[])[false, true])
            {
                foreach (var type in (QuantizedType[])[QuantizedType.QUInt8, QuantizedType.QInt8, QuantizedType.QInt32,
                    QuantizedType.QInt8.WithRange(-7, 7), QuantizedType.QUInt8.WithRange(0, 1)])
                {
                    var statistics = TensorStatistics.Of(values);
                    var (min, max) = RangeMethod.Parse(method).Choose(statistics, type, symmetric);
                    Assert.True(float.IsFinite(min) && float.IsFinite(max) && min <= 0 && max >= 0, $"{method}: {min} to {max}");
                    if (statistics.Count == 0 || statistics is { Min: 0, Max: 0 }) Assert.Equal((0, 0), (min, max));
                    Assert.InRange(MathF.Max(-min, max), 0, 2.2f * (double)MathF.Max(-statistics.Min, statistics.Max));
                }
            }
        }
    }

    [Theory]
    [InlineData("percentile(99.99)")]
    [InlineData("lp(3)")]
    [InlineData("sqnr(1.5)")]
    public void A_method_survives_its_text(string text)
    {
        Assert.Equal(text, RangeMethod.Parse(text).ToString());
        Assert.Equal(RangeMethod.Parse(text), RangeMethod.Parse(text));
        Assert.NotEqual(RangeMethod.Parse(text[..text.IndexOf('(')]), RangeMethod.Parse(text));
    }

    /// <summary>Whoever writes a method cannot forget the property that names it.</summary>
    [Fact]
    public void Every_method_is_in_the_list_with_the_simplest_first()
    {
        var written = typeof(RangeMethod).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(RangeMethod))).Select(t => t.Name);
        Assert.Equal(written.Order(StringComparer.Ordinal), RangeMethod.All.Select(m => m.GetType().Name).Order(StringComparer.Ordinal));
        var complexities = RangeMethod.All.Select(m => m.Complexity).ToArray();
        Assert.Equal(complexities.Distinct().Order(), complexities);
        Assert.Equal(("minmax", "auto"), (RangeMethod.All[0].Name, RangeMethod.All.Single(m => m is AutoRange).Name));
    }

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(0, float.PositiveInfinity)]
    [InlineData(1, -1)]
    public void A_method_of_users_that_chooses_no_range_is_told_by_its_name(float min, float max)
    {
        var error = Assert.Throws<CaliperException>(() =>
            new Fixed(min, max).Choose(TensorStatistics.Of([1, 2]), QuantizedType.QUInt8, symmetric: false));
        Assert.Contains("fixed chose", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => Caliper.Observers.ObserverSpec.Statistics(null!));
    }

    private sealed record Fixed(float From, float To) : RangeMethod
    {
        public override string Name => "fixed";

        public override string Summary => "What somebody said.";

        protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric) => (From, To);
    }

    [Fact]
    public void Every_method_is_found_by_its_name() =>
        Assert.All(RangeMethod.All, m => Assert.Equal((m, m), (RangeMethod.Parse(m.Name), RangeMethod.Parse(m.ToString()))));

    [Theory]
    [InlineData("", "no range method; there are minmax, mean-extremes, percentile(99.999), entropy")]
    [InlineData("MSE", "no range method")]
    [InlineData("mse(2)", "The range method mse has no parameter")]
    [InlineData("percentile(0)", "above 0 and at most 100")]
    [InlineData("percentile(NaN)", "above 0 and at most 100")]
    [InlineData("percentile(99,9)", "is no number")]
    [InlineData("percentile(", "no range method")]
    [InlineData("lp(0.5)", "1 to 6")]
    [InlineData("sqnr(-1)", "0 to 1000")]
    public void A_wrong_method_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<CaliperException>(() => RangeMethod.Parse(text)).Message, StringComparison.Ordinal);

    private static RealRange Choose(string method, TensorStatistics statistics, bool symmetric) =>
        RangeMethod.Parse(method).Choose(statistics, symmetric ? QuantizedType.QInt8 : QuantizedType.QUInt8, symmetric);
}
