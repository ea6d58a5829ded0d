using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Kernels.Words;

/// <summary>What <see cref="WordEpilogue"/> makes of whole sums in memory, eight channels at a time.</summary>
internal sealed unsafe class WordSumsEpilogue
{
    private readonly WordEpilogue _epilogue;
    private readonly NativeBuffer _constants;
    private readonly int _channels;

    public WordSumsEpilogue(WordLayer layer, KernelResources resources)
    {
        (_epilogue, _channels) = (layer.Epilogue, layer.Shape.OutputChannels);
        _constants = resources.Own(new NativeBuffer(ByteCount));
        _epilogue.Multipliers.CopyTo(_constants.Span<float>());
        _epilogue.Offsets.CopyTo(_constants.Span<float>()[_channels..]);
    }

    /// <summary>Bytes of multipliers and offsets.</summary>
    public long ByteCount => 2L * _channels * sizeof(float);

    public IEnumerable<ConstantReach> Constants => [ConstantReach.Of("multipliers and offsets", _constants, ByteCount)];

    /// <summary>Writes some channels of pixels that lie at equal distances.</summary>
    /// <param name="sums">Their sums.</param>
    /// <param name="output">Channel 0 of the first pixel: floats, bytes, or the upper bytes of words.</param>
    /// <param name="step">Bytes from pixel to pixel.</param>
    /// <param name="low">Where the lower bytes of words go.</param>
    /// <param name="lowStep">Bytes from pixel to pixel of them.</param>
    public void Write(in PixelSums sums, byte* output, int step, byte* low, int lowStep)
    {
        output += sums.Channel * _epilogue.ElementSize;
        low += sums.Channel;
        for (var pixel = 0; pixel < sums.Pixels; pixel++, output += step, low += lowStep)
            WritePixel(sums.Start + pixel * sums.Distance, sums.Channel, sums.Count, output, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WritePixel(int* sums, int channel, int count, byte* output, byte* low)
    {
        var multipliers = (float*)_constants.Start + channel;
        var offsets = multipliers + _channels;
        var (zero, result, i) = (_epilogue.ZeroPoint, _epilogue.Result, 0);
        var (least, greatest) = (Vector256.Create((float)(_epilogue.Least - zero)), Vector256.Create((float)(_epilogue.Greatest - zero)));
        for (; i <= count - 8; i += 8)
        {
            var real = Fma.MultiplyAdd(Vector256.ConvertToSingle(Vector256.Load(sums + i)), Vector256.Load(multipliers + i),
                Vector256.Load(offsets + i));
            if (result is WordResult.Floats)
            {
                real.Store((float*)output + i);
                continue;
            }
            // The conversion rounds half to even.
            var q = Avx.ConvertToVector256Int32(Avx.Min(Avx.Max(real, least), greatest)) + Vector256.Create(zero);
            var words = Sse41.PackUnsignedSaturate(q.GetLower(), q.GetUpper());
            Store(result is WordResult.Words ? words >>> 8 : words, output + i);
            if (result is WordResult.Words) Store(words & Vector128.Create((ushort)0xFF), low + i);
        }
        for (; i < count; i++)
        {
            var real = WordEpilogue.Real(0, sums[i], multipliers[i], offsets[i]);
            if (result is WordResult.Floats)
            {
                ((float*)output)[i] = real;
                continue;
            }
            var q = WordEpilogue.Integer(real, zero, _epilogue.Least, _epilogue.Greatest);
            output[i] = (byte)(result is WordResult.Words ? q >> 8 : q);
            if (result is WordResult.Words) low[i] = (byte)q;
        }
    }

    private static void Store(Vector128<ushort> words, byte* to) =>
        *(ulong*)to = Sse2.PackUnsignedSaturate(words.AsInt16(), words.AsInt16()).AsUInt64().ToScalar();
}
