using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Kernels.Words;

/// <summary>What <see cref="WordEpilogue"/> makes of whole sums in memory, eight channels at a time by AVX2. Channels that are not there fill up
/// the last eight: their sums are in memory, and what becomes of them is not stored.</summary>
internal sealed unsafe class WordSumsEpilogue
{
    private const int Lanes = 8;

    private readonly WordEpilogue _epilogue;
    private readonly NativeBuffer _constants;
    private readonly int _channels;

    public WordSumsEpilogue(WordLayer layer, KernelResources resources)
    {
        (_epilogue, _channels) = (layer.Epilogue, Sizes.RoundUp(layer.Shape.OutputChannels, Lanes));
        _constants = resources.Own(new NativeBuffer(ByteCount));
        _epilogue.Multipliers.CopyTo(_constants.Span<float>());
        _epilogue.Offsets.CopyTo(_constants.Span<float>()[_channels..]);
    }

    /// <summary>Bytes of multipliers and offsets.</summary>
    public long ByteCount => 2L * _channels * sizeof(float);

    public IEnumerable<ConstantReach> Constants => [ConstantReach.Of("multipliers and offsets", _constants, ByteCount)];

    /// <summary>Writes some channels of some pixels.</summary>
    /// <param name="sums">Their sums.</param>
    /// <param name="places">Where the pixels lie.</param>
    /// <param name="output">Channel 0 of the pixel that places count from: floats, bytes, or the upper bytes of words.</param>
    /// <param name="low">The same of the lower bytes of words.</param>
    public void Write(in PixelSums sums, ListedPlaces places, byte* output, byte* low)
    {
        for (var from = 0; from < sums.Count; from += Lanes)
        {
            var channel = sums.Channel + from;
            var part = new PixelSums(sums.Start + from, sums.Distance, sums.Pixels, channel, Math.Min(Lanes, sums.Count - from));
            if (_epilogue.Result is WordResult.Floats) WriteFloats(part, places, output + channel * sizeof(float));
            else WriteIntegers(part, places, output + channel, low + channel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteFloats(in PixelSums sums, ListedPlaces places, byte* output)
    {
        var (multipliers, offsets) = Constant(sums.Channel);
        var from = sums.Start;
        for (var pixel = 0; pixel < sums.Pixels; pixel++, from += sums.Distance)
        {
            var real = Fma.MultiplyAdd(Vector256.ConvertToSingle(Vector256.Load(from)), multipliers, offsets);
            var to = (float*)(output + places.Output(pixel));
            if (sums.Count == Lanes) real.Store(to);
            else for (var i = 0; i < sums.Count; i++) to[i] = ((float*)&real)[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteIntegers(in PixelSums sums, ListedPlaces places, byte* output, byte* low)
    {
        var ((multipliers, offsets), zero, areWords) = (Constant(sums.Channel), _epilogue.ZeroPoint, _epilogue.Result is WordResult.Words);
        var (least, greatest) = (Vector256.Create((float)(_epilogue.Least - zero)), Vector256.Create((float)(_epilogue.Greatest - zero)));
        var from = sums.Start;
        for (var pixel = 0; pixel < sums.Pixels; pixel++, from += sums.Distance)
        {
            var real = Fma.MultiplyAdd(Vector256.ConvertToSingle(Vector256.Load(from)), multipliers, offsets);
            // The conversion rounds half to even.
            var q = Avx.ConvertToVector256Int32(Avx.Min(Avx.Max(real, least), greatest)) + Vector256.Create(zero);
            var words = Sse41.PackUnsignedSaturate(q.GetLower(), q.GetUpper());
            FirstBytes.Store(Bytes(areWords ? words >>> 8 : words), output + places.Output(pixel), sums.Count);
            if (areWords) FirstBytes.Store(Bytes(words & Vector128.Create((ushort)0xFF)), low + places.Beside(pixel), sums.Count);
        }
    }

    private (Vector256<float> Multipliers, Vector256<float> Offsets) Constant(int channel)
    {
        var multipliers = (float*)_constants.Start + channel;
        return (Vector256.Load(multipliers), Vector256.Load(multipliers + _channels));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Bytes(Vector128<ushort> words) => Sse2.PackUnsignedSaturate(words.AsInt16(), words.AsInt16());
}
