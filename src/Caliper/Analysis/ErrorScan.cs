using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Analysis;

/// <summary>
/// Looks at one tensor of one sample: the float network's values, and three int8 forms of them. Sums of at most 4,096 values are in
/// float32, sums of those in double, always in the same order.
/// </summary>
internal static class ErrorScan
{
    private const int Block = 4096;

    /// <summary>Sums what is lost.</summary>
    /// <param name="parameters">Scale and zero point of all three.</param>
    /// <param name="floats">The float network's values.</param>
    /// <param name="rounded">The same in int8.</param>
    /// <param name="deployed">What the int8 network has.</param>
    /// <param name="local">What the int8 layer gives when it is fed with rounded float values.</param>
    [SkipLocalsInit]
    public static ErrorSums Measure(QuantizationParameters parameters, ReadOnlySpan<float> floats, ReadOnlySpan<byte> rounded,
        ReadOnlySpan<byte> deployed, ReadOnlySpan<byte> local)
    {
        Span<float> r = stackalloc float[Block], d = stackalloc float[Block], l = stackalloc float[Block];
        var total = new ErrorSums();
        for (var start = 0; start < floats.Length; start += Block)
        {
            var x = floats.Slice(start, Math.Min(Block, floats.Length - start));
            Dequantize(rounded.Slice(start, x.Length), r, parameters);
            Dequantize(deployed.Slice(start, x.Length), d, parameters);
            Dequantize(local.Slice(start, x.Length), l, parameters);
            var whole = x.Length & -Vector512<float>.Count;
            if (whole > 0) total.Add(OfVectors(parameters.Scale, x[..whole], r, d, l));
            if (whole < x.Length) total.Add(OfTail(parameters.Scale, x[whole..], r[whole..], d[whole..], l[whole..]));
        }
        total.Values = floats.Length;
        return total;
    }

    /// <summary>Counts how many values fall to each level, from the lowest.</summary>
    public static void CountLevels(ReadOnlySpan<byte> rounded, QuantizedType type, Span<long> levels)
    {
        // Four counts, because neighbours are often equal and a processor waits for its own last write.
        Span<int> counts = stackalloc int[4 * 256];
        counts.Clear();
        var i = 0;
        for (; i + 4 <= rounded.Length; i += 4)
        {
            counts[rounded[i]]++;
            counts[256 + rounded[i + 1]]++;
            counts[512 + rounded[i + 2]]++;
            counts[768 + rounded[i + 3]]++;
        }
        for (; i < rounded.Length; i++) counts[rounded[i]]++;
        // The lowest signed byte is the pattern 128.
        var flip = type.Storage is ElementType.Int8 ? 128 : 0;
        for (var level = 0; level < 256; level++)
            levels[level ^ flip] += counts[level] + counts[256 + level] + counts[512 + level] + counts[768 + level];
    }

    private static void Dequantize(ReadOnlySpan<byte> integers, Span<float> floats, QuantizationParameters parameters)
    {
        if (parameters.Type.Storage is ElementType.Int8) Quantizer.Dequantize(MemoryMarshal.Cast<byte, sbyte>(integers), floats, parameters);
        else Quantizer.Dequantize(integers, floats, parameters);
    }

    /// <summary>Fewer values than a vector holds; zeros fill it up and add nothing.</summary>
    private static ErrorSums OfTail(
        float scale, ReadOnlySpan<float> floats, ReadOnlySpan<float> rounded, ReadOnlySpan<float> deployed, ReadOnlySpan<float> local)
    {
        Span<float> vectors = stackalloc float[4 * Vector512<float>.Count];
        vectors.Clear();
        floats.CopyTo(vectors);
        rounded[..floats.Length].CopyTo(vectors[16..]);
        deployed[..floats.Length].CopyTo(vectors[32..]);
        local[..floats.Length].CopyTo(vectors[48..]);
        var sums = OfVectors(scale, vectors[..16], vectors[16..], vectors[32..], vectors[48..]);
        return sums with { Min = TensorPrimitives.Min(floats), Max = TensorPrimitives.Max(floats) };
    }

    /// <summary>Each of sixteen lanes sums its own values. Sums are locals, so that they stay in registers.</summary>
    private static ErrorSums OfVectors(
        float scale, ReadOnlySpan<float> floats, ReadOnlySpan<float> rounded, ReadOnlySpan<float> deployed, ReadOnlySpan<float> local)
    {
        // A value within the range moves by half a step at most, give or take what float32 leaves of 255 steps.
        var most = Vector512.Create(scale * 0.5001f);
        Vector512<float> signal = default, roundings = default, clippings = default, locals = default,
            differences = default, deployedSignal = default, product = default, maxError = default;
        Vector512<int> below = default, above = default;
        Vector512<float> min = Vector512.Create(float.PositiveInfinity), max = Vector512.Create(float.NegativeInfinity);
        for (var i = 0; i < floats.Length; i += Vector512<float>.Count)
        {
            Vector512<float> x = Vector512.Create(floats[i..]), y = Vector512.Create(deployed[i..]);
            var (rounding, own, difference) = (Vector512.Create(rounded[i..]) - x, Vector512.Create(local[i..]) - x, y - x);
            Vector512<float> isBelow = Vector512.GreaterThan(rounding, most), isAbove = Vector512.LessThan(rounding, -most);
            (min, max) = (Vector512.Min(min, x), Vector512.Max(max, x));
            // A lane that holds is all ones, which is minus one.
            (below, above) = (below - isBelow.AsInt32(), above - isAbove.AsInt32());
            roundings += rounding * rounding;
            clippings += (rounding * rounding) & (isBelow | isAbove);
            locals += own * own;
            differences += difference * difference;
            (signal, deployedSignal, product) = (signal + (x * x), deployedSignal + (y * y), product + (y * x));
            maxError = Vector512.Max(maxError, Vector512.Abs(difference));
        }
        return new ErrorSums
        {
            Signal = Sum(signal),
            RoundingNoise = Sum(roundings),
            ClippingNoise = Sum(clippings),
            LocalNoise = Sum(locals),
            DeployedNoise = Sum(differences),
            DeployedSignal = Sum(deployedSignal),
            Product = Sum(product),
            MaxError = Greatest(maxError),
            Min = -Greatest(-min),
            Max = Greatest(max),
            Below = Vector512.Sum(below),
            Above = Vector512.Sum(above),
        };
    }

    /// <summary>In double, lane by lane: <c>Vector512.Sum</c> may choose its order by processor.</summary>
    private static double Sum(Vector512<float> lanes)
    {
        var sum = 0.0;
        for (var lane = 0; lane < Vector512<float>.Count; lane++) sum += lanes[lane];
        return sum;
    }

    private static float Greatest(Vector512<float> lanes)
    {
        var greatest = lanes[0];
        for (var lane = 1; lane < Vector512<float>.Count; lane++) greatest = MathF.Max(greatest, lanes[lane]);
        return greatest;
    }
}
