using Caliper.Engine.Importing;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;
using Caliper.Testing;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Functions of floats: a run of any length has the bits of the definition.</summary>
public unsafe class FloatFunctionTests
{
    private static readonly float[] Special = [0, -0f, 1, -1, 0.5f, 1.5f, 2.5f, -3, 3, 88.7f, 89, -87.4f, -104, 1e-40f, -1e-40f, 1e30f, -1e30f,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.MaxValue, float.Epsilon];

    /// <summary>Functions of one float.</summary>
    public static TheoryData<string> OfOne => [.. UnaryFunctions.Operators];

    /// <summary>Functions of two floats.</summary>
    public static TheoryData<string> OfTwo => ["Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "PRelu"];

    [Theory]
    [MemberData(nameof(OfOne))]
    public void A_run_is_the_definition_at_every_length(string operation)
    {
        var function = UnaryFunctions.OfOne(new Node("n", operation, ["x"], ["y"]))!;
        for (var count = 0; count <= 67; count++)
        {
            var x = Numbers(count, count);
            Check([.. x.Select(function.Of)], x, function.For(KernelSet.Auto));
        }
    }

    [Theory]
    [MemberData(nameof(OfTwo))]
    public void Two_runs_are_the_definition_at_every_length(string operation)
    {
        var function = UnaryFunctions.OfTwo(new Node("n", operation, ["a", "b"], ["y"]))!;
        for (var count = 0; count <= 67; count++)
        {
            var (a, b) = (Numbers(count, 1), Numbers(count, 2));
            using var left = GuardedMemory<float>.Of(a);
            using var right = GuardedMemory<float>.Of(b);
            using var y = new GuardedMemory<float>(count);
            fixed (float* pa = left.Span) fixed (float* pb = right.Span) fixed (float* py = y.Span) function.For(KernelSet.Auto)(pa, pb, py, count);
            AssertBits([.. a.Zip(b, function.Of)], y.Span);
            Check([.. a.Select(x => function.Of(x, 1.25f))], a, function.WithRight(1.25f).For(KernelSet.Auto));
            Check([.. a.Select(x => function.Of(-0.75f, x))], a, function.WithLeft(-0.75f).For(KernelSet.Auto));
        }
    }

    [Fact]
    public void A_quotient_by_one_number_has_the_bits_of_the_division()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            // Each mantissa of the divisor, and numbers of any size.
            var divisor = round < 10 ? new[] { 6, 3, 1, 8, -0.25f, 0.1f, 255, 1.9999999f, 1e-30f, float.Epsilon }[round] : Any(random, 30);
            var x = Enumerable.Range(0, 4099)
                .Select(i => i % 50 == 0 ? Special[random.Next(Special.Length)] : Any(random, i % 3 == 0 ? 120 : 8)).ToArray();
            var function = FloatFunction.From(new QuotientMap(divisor));
            foreach (var set in Enum.GetValues<KernelSet>()) Check([.. x.Select(v => v / divisor)], x, function.For(set));
        }
    }

    [Fact]
    public void Rounding_on_the_way_is_quantization_and_dequantization()
    {
        var random = new Random(8);
        for (var round = 0; round < 200; round++)
        {
            var step = round == 0 ? 1e-30f : MathF.Abs(Any(random, 12));
            var (bytes, words) = (new ByteScale(step, (byte)random.Next(256)), new WordScale(step, (ushort)random.Next(65536)));
            // Halves of a step too: they are rounded to even.
            var x = Enumerable.Range(0, 2051).Select(i => i % 50 == 0 ? Special[random.Next(Special.Length)]
                : (random.Next(-70_000, 70_000) / (i % 2 == 0 ? 1 : 200) + 0.5f * random.Next(2)) * step).ToArray();
            foreach (var set in Enum.GetValues<KernelSet>())
            {
                Check([.. x.Select(v => bytes.Dequantize(bytes.Quantize(v)))], x, FloatFunction.From(new ByteRoundingMap(bytes)).For(set));
                Check([.. x.Select(v => words.Dequantize(words.Quantize(v)))], x, FloatFunction.From(new WordRoundingMap(words)).For(set));
            }
        }
    }

    private static float Any(Random random, int exponents) =>
        MathF.ScaleB(1 + random.Next(1 << 23) / (float)(1 << 23), random.Next(-exponents, exponents)) * (random.Next(2) * 2 - 1);

    [Theory]
    [InlineData("Exp", 1)]
    [InlineData("Sigmoid", 3)]
    [InlineData("Erf", 3)]
    [InlineData("Tanh", 3)]
    public void A_function_of_our_own_is_within_some_units_in_the_last_place(string operation, int units)
    {
        var function = UnaryFunctions.OfOne(new Node("n", operation, ["x"], ["y"]))!;
        for (var x = -9.3f; x < 9.3f; x += 0.0137f)
        {
            var exact = operation switch { "Exp" => Math.Exp(x), "Sigmoid" => 1 / (1 + Math.Exp(-(double)x)), "Tanh" => Math.Tanh(x), _ => Erf(x) };
            var unit = MathF.BitIncrement((float)Math.Abs(exact)) - (float)Math.Abs(exact);
            Assert.True(Math.Abs(function.Of(x) - exact) <= units * unit, $"{operation}({x})");
        }
    }

    private static double Erf(double x)
    {
        // Simpson's rule.
        var (steps, sum) = (2000, 0.0);
        for (var i = 0; i <= steps; i++) sum += (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-Math.Pow(x * i / steps, 2));
        return 2 / Math.Sqrt(Math.PI) * sum * x / steps / 3;
    }

    private static void Check(float[] expected, float[] x, MapRun run)
    {
        using var input = GuardedMemory<float>.Of(x);
        using var output = new GuardedMemory<float>(x.Length);
        fixed (float* px = input.Span) fixed (float* py = output.Span) run(px, py, x.Length);
        AssertBits(expected, output.Span);
    }

    /// <summary>Equal bits, but for those of what is no number.</summary>
    private static void AssertBits(float[] expected, ReadOnlySpan<float> actual)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i])
                || float.IsNaN(expected[i]) && float.IsNaN(actual[i]), $"{expected[i]:R} is not {actual[i]:R}");
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count)
            .Select(_ => random.Next(4) == 0 ? Special[random.Next(Special.Length)] : random.NextSingle() * 20 - 10)];
    }
}
