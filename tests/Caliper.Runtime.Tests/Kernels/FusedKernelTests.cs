using Caliper.Engine.Importing;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Elementwise;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Code that was recorded of functions gives the bits of the functions, whatever goes through it and however many numbers.</summary>
public unsafe class FusedKernelTests
{
    private static readonly float[] Special = [0, -0f, 1, -1, 0.5f, 1.5f, 2.5f, -3, 3, 6, 88.7f, 89, -87.4f, -104, 1e-40f, -1e-40f, 1e30f, -1e30f,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.MaxValue, float.Epsilon];

    private static readonly FloatFunction[] OfOne = [.. UnaryFunctions.Operators
        .Select(o => UnaryFunctions.OfOne(new Node("n", o, ["x"], ["y"]))!).Where(f => f.Recorded is not null)];

    private static readonly FloatFunctionOfTwo[] OfTwo = [.. new[] { "Add", "Sub", "Mul", "Div", "Min", "Max", "PRelu" }
        .Select(o => UnaryFunctions.OfTwo(new Node("n", o, ["a", "b"], ["y"]))!)];

    private static string? WhyNot => FusedKernel.All.All[0].WhyNot();

    [Fact]
    public void Each_function_is_its_definition_at_every_length()
    {
        Assert.SkipWhen(WhyNot is not null, $"code of functions: {WhyNot}");
        foreach (var function in OfOne)
            for (var count = 0; count <= 131; count++) Check(new([TileInput.Floats], [One(function, 0)], null), count, count);
    }

    [Fact]
    public void Each_function_of_two_is_its_definition_with_tensors_and_with_constants()
    {
        Assert.SkipWhen(WhyNot is not null, $"code of functions: {WhyNot}");
        foreach (var function in OfTwo)
        {
            Check(new([TileInput.Floats, TileInput.Floats], [Two(function, 0, 1)], null), 131, 1);
            Check(new([TileInput.Floats], [Two(function, 0, 0)], null), 131, 2);
            foreach (var constant in Special)
            {
                Check(new([TileInput.Floats], [One(function.WithRight(constant), 0)], null), 67, 3);
                Check(new([TileInput.Floats], [One(function.WithLeft(constant), 0)], null), 67, 4);
            }
        }
    }

    [Fact]
    public void Chains_of_any_functions_and_inputs_have_the_bits_of_one_function_after_the_other()
    {
        Assert.SkipWhen(WhyNot is not null, $"code of functions: {WhyNot}");
        var calls = Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 1000]).Array[1, 12];
        Gen.Select(Gen.Int[1, 4], calls, Gen.Int[0, 2], Gen.Int[0, 200], Gen.Int).Sample((inputs, calls, result, count, seed) =>
            Check(Program(inputs, calls, result, new Random(seed)), count, seed), iter: 400);
    }

    [Fact]
    public void More_numbers_alive_than_registers_are_refused()
    {
        Assert.SkipWhen(WhyNot is not null, $"code of functions: {WhyNot}");
        var recording = new Recording();
        var x = recording.Add(new(RecordedKind.Input, 0));
        // All sums are there before the first of them is used.
        int[] sums = [.. Enumerable.Range(1, 40).Select(i => recording.Add(new(RecordedKind.Add, x, recording.Constant(i))))];
        var all = sums.Aggregate((a, b) => recording.Add(new(RecordedKind.Multiply, a, b)));
        using var resources = new KernelResources();
        Assert.Null(FusedKernel.Create(new(recording, all, 1, new(FusedResult.Floats)), resources, KernelSet.Auto));
        Assert.NotNull(FusedKernel.Create(new(recording, sums[3], 1, new(FusedResult.Floats)), resources, KernelSet.Auto));
    }

    private static FloatProgram Program(int inputs, (int, int, int)[] calls, int result, Random random)
    {
        TileInput[] read = [.. Enumerable.Range(0, inputs).Select(_ => random.Next(3) > 0 ? TileInput.Floats
            : new TileInput(new ByteScale(random.NextSingle(), (byte)random.Next(256)), null))];
        FloatCall[] functions = [.. calls.Select((call, i) =>
        {
            var (kind, a, b) = call;
            var (first, second) = (a % (inputs + i), b % (inputs + i));
            return kind % 3 == 0 ? Two(OfTwo[kind / 3 % OfTwo.Length], first, second)
                : kind % 3 == 1 ? One(OfOne[kind / 3 % OfOne.Length], first)
                : One(OfTwo[kind / 3 % OfTwo.Length].WithRight(Special[b % Special.Length]), first);
        })];
        // Scales of all sizes, those too that must be divided by.
        var step = MathF.ScaleB(0.5f + random.NextSingle(), random.Next(10) == 0 ? -60 : random.Next(-16, 4));
        var range = new ByteRange((byte)random.Next(100), (byte)(100 + random.Next(156)));
        return new(read, functions, result == 0 ? null : result == 1 ? new TileResult(new ByteScale(step, (byte)random.Next(256)), range)
            : TileResult.OfWords(new WordScale(step, (ushort)random.Next(65536))));
    }

    private static void Check(FloatProgram program, int count, int seed)
    {
        using var resources = new KernelResources();
        if (ProgramRecording.Of(program) is not { } recorded || FusedKernel.Create(recorded, resources, KernelSet.Auto) is not { } kernel) return;
        var random = new Random(seed);
        float[][] floats = [.. program.Inputs.Select(input => Enumerable.Range(0, count).Select(_ => input.Scale is not null ? random.Next(256)
            : random.Next(4) == 0 ? Special[random.Next(Special.Length)] : random.NextSingle() * 20 - 10).ToArray())];
        using var output = new GuardedMemory<float>(count);
        using var bytes = new GuardedMemory<byte>(count);
        using var low = new GuardedMemory<byte>(count);
        var memory = new List<IDisposable>();
        var call = default(FusedCall);
        for (var i = 0; i < floats.Length; i++) call.Inputs[i] = Place(program.Inputs[i], floats[i], memory);
        fixed (float* y = output.Span) fixed (byte* high = bytes.Span, lower = low.Span)
        {
            call.Output = program.Result is null ? (byte*)y : high;
            call.LowOutput = lower;
            kernel.Run(ref call, count);
        }
        for (var i = 0; i < count; i++)
        {
            var expected = Of(program, [.. floats.Select(f => f[i])]);
            if (program.Result is null) AssertSame(expected, output.Span[i], program);
            else if (program.Result.Words is { } words) Assert.Equal(words.Quantize(expected), (ushort)(bytes.Span[i] << 8 | low.Span[i]));
            else Assert.Equal(Clamped(program.Result, expected), bytes.Span[i]);
        }
        foreach (var one in memory) one.Dispose();
    }

    private static byte Clamped(TileResult result, float value) => Math.Clamp(result.Scale.Quantize(value), result.Range.Low, result.Range.High);

    private static long Place(TileInput input, float[] numbers, List<IDisposable> memory)
    {
        if (input.Scale is null)
        {
            var floats = GuardedMemory<float>.Of(numbers);
            memory.Add(floats);
            fixed (float* at = floats.Span) return (long)at;
        }
        var bytes = GuardedMemory<byte>.Of([.. numbers.Select(n => (byte)n)]);
        memory.Add(bytes);
        fixed (byte* at = bytes.Span) return (long)at;
    }

    private static float Of(FloatProgram program, float[] inputs)
    {
        var read = inputs.Select((x, i) => program.Inputs[i].Scale is { } scale ? scale.Dequantize((byte)x) : x);
        float[] known = [.. read, .. new float[program.Calls.Length]];
        for (var i = 0; i < program.Calls.Length; i++)
        {
            var call = program.Calls[i];
            known[inputs.Length + i] = call.One is { } one ? one.Of(known[call.A]) : call.Two!.Of(known[call.A], known[call.B]);
        }
        return known[^1];
    }

    private static void AssertSame(float expected, float actual, FloatProgram program) =>
        Assert.True(BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual)
            || float.IsNaN(expected) && float.IsNaN(actual), $"{expected:R} is not {actual:R}: {program}");

    private static FloatCall One(FloatFunction function, int a) => new("one", a, -1, function, null);

    private static FloatCall Two(FloatFunctionOfTwo function, int a, int b) => new("two", a, b, null, function);
}
