namespace Caliper.Search;

/// <summary>What a runtime takes for the parts of a network, in times of one multiply-add of 8 bits.</summary>
/// <param name="Byte">An element of a tensor of bytes.</param>
/// <param name="Streamed">What an element of floats takes more than one of bytes, between functions that are there anyway.</param>
/// <param name="Widened">What an element of floats takes more that is multiplied, with its rounding to 16 bits where there are such products.</param>
/// <param name="Float">A multiply-add of floats.</param>
/// <param name="Pooled">What a value in a window of a float pool takes more.</param>
/// <param name="HasWords">Whether integers of 16 bits are multiplied, which takes two multiply-adds for one; otherwise floats are.</param>
internal sealed record WorkPrices(double Byte, double Streamed, double Widened, double Float, double Pooled, bool HasWords)
{
    // In the engine 200 multiply-adds of 8 bits take a nanosecond on a Xeon with AVX-512 VNNI, 400 on an EPYC; the rest from SqueezeNet's layers on
    // the former. An element of floats, with its rounding to 16 bits, takes 0.6 ns more than a byte, which takes a fifth of that; without the
    // rounding a third; a float in a pool's window a nanosecond, with the tensor's way into another order and back. A multiply-add of floats takes
    // 3.5 times as long as one of 8 bits on the EPYC, and longer in layers of few channels.
    private static readonly WorkPrices InEngine = new(Byte: 25, Streamed: 40, Widened: 120, Float: 5, Pooled: 300, HasWords: true);

    // In ONNX Runtime 1.31, from MiniLM's operators at 8 by 128 tokens on an EPYC with AVX-512 VNNI and two threads: a multiply-add of 8 bits takes
    // 0.0034 ns, one of floats 0.011, a byte that is made 0.1, and a float that is added 0.2. What is multiplied as floats is not rounded.
    private static readonly WorkPrices InOnnxRuntime = new(Byte: 30, Streamed: 60, Widened: 60, Float: 3.3, Pooled: 0, HasWords: false);

    /// <summary>What a multiply-add takes whose activation has more than 8 bits.</summary>
    public double Wide => HasWords ? 2 : Float;

    /// <summary>The prices of a runtime.</summary>
    public static WorkPrices Of(Int8Runtime runtime) => runtime is Int8Runtime.OnnxRuntime ? InOnnxRuntime : InEngine;
}
