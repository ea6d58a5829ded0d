using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
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
    public static ErrorSums Measure(QuantizationParameters parameters, ReadOnlySpan<float> floats, ReadOnlySpan<byte> rounded,
        ReadOnlySpan<byte> deployed, ReadOnlySpan<byte> local)
    {
        Span<float> integers = stackalloc float[3 * Block];
        var total = new ErrorSums();
        for (var start = 0; start < floats.Length; start += Block)
        {
            var count = Math.Min(Block, floats.Length - start);
            var r = integers[..count];
            var d = integers.Slice(Block, count);
            var l = integers.Slice(2 * Block, count);
            Dequantize(rounded.Slice(start, count), r, parameters);
            Dequantize(deployed.Slice(start, count), d, parameters);
            Dequantize(local.Slice(start, count), l, parameters);
            total.Add(OfBlock(parameters.Scale, floats.Slice(start, count), r, d, l));
        }
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

    /// <summary>Each lane sums its own values; the tail is a vector whose further lanes are zeros, which add nothing.</summary>
    private static ErrorSums OfBlock(float scale, ReadOnlySpan<float> floats, ReadOnlySpan<float> rounded, ReadOnlySpan<float> deployed, ReadOnlySpan<float> local)
    {
        var sums = new Lanes(scale);
        var lanes = Vector<float>.Count;
        var whole = floats.Length / lanes * lanes;
        for (var i = 0; i < whole; i += lanes)
            sums.Add(new Vector<float>(floats[i..]), new Vector<float>(rounded[i..]), new Vector<float>(deployed[i..]), new Vector<float>(local[i..]));
        if (whole < floats.Length)
        {
            Span<float> tail = stackalloc float[4 * lanes];
            tail.Clear();
            floats[whole..].CopyTo(tail);
            rounded[whole..].CopyTo(tail[lanes..]);
            deployed[whole..].CopyTo(tail[(2 * lanes)..]);
            local[whole..].CopyTo(tail[(3 * lanes)..]);
            sums.Add(new Vector<float>(tail), new Vector<float>(tail[lanes..]), new Vector<float>(tail[(2 * lanes)..]), new Vector<float>(tail[(3 * lanes)..]));
        }
        return sums.Total with { Min = TensorPrimitives.Min(floats), Max = TensorPrimitives.Max(floats), Values = floats.Length };
    }

    /// <summary>The sums of a block, a value a lane.</summary>
    private ref struct Lanes(float scale)
    {
        // A value within the range moves by half a step at most, give or take what float32 leaves of 255 steps.
        private readonly Vector<float> _most = new(scale * 0.5001f);
        private Vector<float> _signal, _rounding, _clipping, _local, _deployed, _deployedSignal, _product, _maxError;
        private Vector<int> _below, _above;

        public void Add(Vector<float> x, Vector<float> rounded, Vector<float> deployed, Vector<float> local)
        {
            var rounding = rounded - x;
            Vector<int> below = Vector.GreaterThan(rounding, _most), above = Vector.LessThan(rounding, -_most);
            var noise = rounding * rounding;
            _signal += x * x;
            _rounding += noise;
            _clipping += Vector.ConditionalSelect(below | above, noise, Vector<float>.Zero);
            _below += below;
            _above += above;
            _local += (local - x) * (local - x);
            var difference = deployed - x;
            _deployed += difference * difference;
            _deployedSignal += deployed * deployed;
            _product += deployed * x;
            _maxError = Vector.Max(_maxError, Vector.Abs(difference));
        }

        public readonly ErrorSums Total
        {
            get
            {
                var maxError = 0f;
                for (var lane = 0; lane < Vector<float>.Count; lane++) maxError = MathF.Max(maxError, _maxError[lane]);
                return new ErrorSums
                {
                    Signal = Vector.Sum(_signal),
                    RoundingNoise = Vector.Sum(_rounding),
                    ClippingNoise = Vector.Sum(_clipping),
                    LocalNoise = Vector.Sum(_local),
                    DeployedNoise = Vector.Sum(_deployed),
                    DeployedSignal = Vector.Sum(_deployedSignal),
                    Product = Vector.Sum(_product),
                    MaxError = maxError,
                    Below = -Vector.Sum(_below),
                    Above = -Vector.Sum(_above),
                };
            }
        }
    }
}
