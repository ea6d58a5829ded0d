using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Steps;

/// <summary>One function of a program.</summary>
/// <param name="Kind">The operator, for reports.</param>
/// <param name="A">Its operand: an input of the program, or, after those, the result of an earlier function.</param>
/// <param name="B">Its second operand; -1 where it has one.</param>
/// <param name="One">The function of one operand.</param>
/// <param name="Two">The function of two.</param>
internal sealed record FloatCall(string Kind, int A, int B, FloatFunction? One, FloatFunctionOfTwo? Two)
{
    /// <summary>A call of a function of one operand.</summary>
    public static FloatCall Of(string kind, FloatFunction function) => new(kind, 0, -1, function, null);

    /// <summary>A call of a function of two operands.</summary>
    public static FloatCall Of(string kind, FloatFunctionOfTwo function) => new(kind, 0, 1, null, function);
}

/// <summary>What one input of a program is, and what its elements stand for.</summary>
/// <param name="Scale">What bytes stand for; null for elements of 4 bytes.</param>
/// <param name="Table">A number for each byte that comes before the program, or null.</param>
internal sealed record TileInput(ByteScale? Scale, float[]? Table)
{
    /// <summary>Floats as they are.</summary>
    public static TileInput Floats { get; } = new(null, null);
}

/// <summary>Bytes that a program's result becomes.</summary>
/// <param name="Scale">What they stand for.</param>
/// <param name="Range">Bounds.</param>
internal sealed record TileResult(ByteScale Scale, ByteRange Range)
{
    /// <summary>What words stand for, where the result is those; their upper and lower bytes are written apart.</summary>
    public WordScale? Words { get; private init; }

    /// <summary>How floats become such integers.</summary>
    public StepProducts Steps => Words is { } words ? StepProducts.Of(words) : StepProducts.Of(Scale);

    /// <summary>A result of 16 bits.</summary>
    public static TileResult OfWords(WordScale scale) => new(default, ByteRange.Full) { Words = scale };
}

/// <summary>Functions of floats, one after the other, on some inputs; the last one's result is the program's, or without any the
/// first input.</summary>
/// <param name="Inputs">What is read.</param>
/// <param name="Calls">The functions.</param>
/// <param name="Result">The bytes that result; null where floats do.</param>
internal sealed record FloatProgram(TileInput[] Inputs, FloatCall[] Calls, TileResult? Result)
{
    /// <summary>More would not stay in the first cache.</summary>
    public const int MostInputs = 8, MostCalls = 16;

    private const string Joining = "Join";

    /// <summary>What a quantization on the way is called; reports leave it out.</summary>
    public const string Rounding = "Rounding";

    /// <summary>Words from their upper and lower bytes.</summary>
    public static FloatProgram OfWords(WordScale scale)
    {
        // Both are whole numbers as floats; what stands for one step each is exact.
        var half = new TileInput(new ByteScale(1, 0), null);
        return new([half, half], [FloatCall.Of(Joining, FloatFunctionOfTwo.From(new JoinZip(scale.ZeroPoint, scale.Scale)))], null);
    }

    /// <summary>What floats are cut off at, where nothing else is done to them; else no bounds.</summary>
    public FloatBounds Bounds => Result is null && Inputs is [{ Scale: null, Table: null }] && Calls is [{ One: { } only }] ? only.Bounds : default;

    /// <summary>Whether another program's result, which is this one's input, can be computed here.</summary>
    public bool CanTake(FloatProgram inner) =>
        Inputs.Length - 1 + inner.Inputs.Length <= MostInputs && Calls.Length + inner.Calls.Length <= MostCalls;

    /// <summary>This program with an input replaced by the program that computes it; its inputs are put in the place of the one.</summary>
    public FloatProgram Around(FloatProgram inner, int input)
    {
        var (own, extra) = (Inputs.Length, inner.Inputs.Length - 1);
        TileInput[] inputs = [.. Inputs[..input], .. inner.Inputs, .. Inputs[(input + 1)..]];
        FloatCall[] before = [.. inner.Calls.Select(c => c with { A = Inner(c.A), B = c.B < 0 ? -1 : Inner(c.B) })];
        FloatCall[] after = [.. Calls.Select(c => c with { A = Outer(c.A), B = c.B < 0 ? -1 : Outer(c.B) })];
        return new FloatProgram(inputs, [.. before, .. after], Result);

        int Inner(int operand) => operand < inner.Inputs.Length ? operand + input : operand - inner.Inputs.Length + own + extra;

        int Outer(int operand)
        {
            if (operand >= own) return operand + extra + inner.Calls.Length;
            if (operand == input) return inner.Calls.Length == 0 ? input : inputs.Length + inner.Calls.Length - 1;
            return operand < input ? operand : operand + extra;
        }
    }

    /// <summary>The same without an input, which another one equals.</summary>
    public FloatProgram WithoutInput(int input, int equal)
    {
        return this with
        {
            Inputs = [.. Inputs[..input], .. Inputs[(input + 1)..]],
            Calls = [.. Calls.Select(c => c with { A = Of(c.A), B = c.B < 0 ? -1 : Of(c.B) })],
        };

        int Of(int operand) => operand == input ? equal : operand > input ? operand - 1 : operand;
    }

    /// <summary>The number that results of bytes, one for each input.</summary>
    public float Of(ReadOnlySpan<byte> inputs)
    {
        var count = Inputs.Length + Calls.Length;
        Span<float> known = count <= MostInputs + MostCalls ? stackalloc float[MostInputs + MostCalls] : new float[count];
        for (var i = 0; i < Inputs.Length; i++)
            known[i] = Inputs[i].Table is { } table ? table[inputs[i]] : Inputs[i].Scale!.Value.Dequantize(inputs[i]);
        for (var i = 0; i < Calls.Length; i++)
        {
            var (a, call) = (known[Calls[i].A], Calls[i]);
            known[Inputs.Length + i] = call.One is { } one ? one.Of(a) : call.Two!.Of(a, known[call.B]);
        }
        return Calls.Length == 0 ? known[0] : known[count - 1];
    }

    /// <summary>Such as <c>PRelu+Mul</c>.</summary>
    public override string ToString() => string.Join('+', Calls.Select(c => c.Kind).Where(kind => kind is not (Joining or Rounding)));
}
