using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>
/// Depthwise convolution by AVX2: the sums of two vectors of bytes stay in registers while the taps pass by. A vector is 32 channels of a pixel;
/// where 16 or fewer are left, those of two pixels. Bytes of two taps are put side by side and spread to 16 bits, and their products added in
/// pairs: exact, as 2·255·128 is far from the end of 32 bits. A unit is an output row of an image, a block 32 channels.
/// </summary>
internal sealed unsafe class DepthwiseTiles : ConvolutionKernel
{
    private const int BlockChannels = 32, HalfChannels = BlockChannels / 2, Vectors = 2;

    private readonly string _name;
    private readonly ConvolutionShape _shape;
    private readonly Epilogue _result;
    private readonly SumsEpilogue _epilogue;
    private readonly NativeBuffer _weights, _bias, _multipliers, _taps;
    private readonly int _pairs;
    private readonly bool _endsInHalf, _givesBytes;

    private DepthwiseTiles(string name, ConvolutionLayer layer, KernelResources resources) : base(layer)
    {
        (_name, _shape, _result) = (name, layer.Shape, layer.Epilogue);
        _givesBytes = layer.Epilogue is { IsWide: false, Residual: null };
        _epilogue = new SumsEpilogue(layer.Epilogue, resources);
        _pairs = Sizes.CeilDiv(_shape.ProductsPerOutput, 2);
        _endsInHalf = Sizes.RoundUp(_shape.OutputChannels, HalfChannels) % BlockChannels != 0;
        _weights = resources.Model.Once(layer.Weights, nameof(DepthwiseTiles), () => Packed(layer.Weights.Values,
            resources.Model.Own(new NativeBuffer((long)Blocks * _pairs * 2 * BlockChannels * sizeof(short)))));
        _bias = resources.Own(new NativeBuffer((long)Blocks * BlockChannels * sizeof(int)));
        _multipliers = resources.Own(new NativeBuffer((long)Blocks * BlockChannels * sizeof(float)));
        var (bias, multipliers) = (layer.FoldedBias(), layer.Epilogue.Multipliers);
        for (var i = 0; i < Blocks * BlockChannels; i++)
            if (ChannelAt(i) is var channel && channel < bias.Length)
                (_bias.Span<int>()[i], _multipliers.Span<float>()[i]) = (bias[channel], multipliers[channel]);
        _taps = resources.Own(new NativeBuffer(2L * _pairs * sizeof(long)));
        for (var i = 0; i < 2 * _pairs; i++)
        {
            // The weight of a tap that is not there is 0: which byte it meets does not matter.
            var (ky, kx) = Math.DivRem(Math.Min(i, _shape.ProductsPerOutput - 1), _shape.KernelWidth);
            _taps.Span<long>()[i] = (long)ky * _shape.DilationY * _shape.Input.Row + (long)kx * _shape.DilationX * _shape.Input.Pixel;
        }
    }

    /// <summary>The channel of a lane: spreading works on halves of vectors, and four sums of a half lie side by side. Packing them again puts
    /// them into order.</summary>
    private int ChannelAt(int lane)
    {
        var (block, at) = Math.DivRem(lane, BlockChannels);
        var half = _endsInHalf && block == Blocks - 1 ? 0 : at / 4 % 2;
        return block * BlockChannels + half * HalfChannels + at / 8 * 4 + at % 4;
    }

    /// <summary>As [block][pair of taps][lane][tap of the pair], in 16 bits.</summary>
    private NativeBuffer Packed(sbyte[] weights, NativeBuffer buffer)
    {
        var packed = buffer.Span<short>();
        var taps = _shape.ProductsPerOutput;
        for (var lane = 0; lane < Blocks * BlockChannels; lane++)
            for (var tap = 0; tap < taps && ChannelAt(lane) < _shape.OutputChannels; tap++)
                packed[((lane / BlockChannels * _pairs + tap / 2) * BlockChannels + lane % BlockChannels) * 2 + tap % 2]
                    = weights[ChannelAt(lane) * taps + tap];
        return buffer;
    }

    public override int Units => _shape.Images * _shape.OutputHeight;

    public override int Blocks => Sizes.CeilDiv(_shape.OutputChannels, BlockChannels);

    public override int ChannelsPerBlock => BlockChannels;

    public override int FirstPixelOf(int unit) => unit * _shape.OutputWidth;

    public override string Name => $"{_name} {Vectors}x{BlockChannels}";

    public override long WeightBytes => _weights.Length + _bias.Length;

    public override int ScratchBytes => Vectors * BlockChannels * sizeof(int);

    public override IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("weights", _weights, (long)Blocks * _pairs * 2 * BlockChannels * sizeof(short)),
        ConstantReach.Of("biases", _bias, (long)Blocks * BlockChannels * sizeof(int)),
        ConstantReach.Of("multipliers in lanes", _multipliers, (long)Blocks * BlockChannels * sizeof(float)),
        ConstantReach.Of("taps", _taps, 2L * _pairs * sizeof(long)),
        _epilogue.Constants(_shape.OutputChannels),
    ];

    /// <summary>The kernel for a depthwise layer; null for others.</summary>
    public static ConvolutionKernel? TryCreate(string name, ConvolutionLayer layer, KernelResources resources) =>
        !layer.Shape.IsDepthwise || layer.Weights.HasZeroPoints ? null : new DepthwiseTiles(name, layer, resources);

    public override void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var wholeEnd = _endsInHalf ? Math.Min(blockEnd, Blocks - 1) : blockEnd;
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (image, y) = Math.DivRem(unit, _shape.OutputHeight);
            var row = operands;
            row.Input += image * _shape.Input.Image + (long)y * _shape.StrideY * _shape.Input.Row;
            row.Output += image * _shape.Output.Image + (long)y * _shape.Output.Row;
            row.Residual += image * _shape.Residual.Image + (long)y * _shape.Residual.Row;
            if (blockStart < wholeEnd) Sum<OnePixel>(row, blockStart, wholeEnd);
            if (wholeEnd < blockEnd) Sum<TwoPixels>(row, wholeEnd, blockEnd);
        }
    }

    /// <summary>Some blocks of all pixels of a row. Where fewer pixels are left than vectors hold, the last one stands in for those that are not
    /// there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum<TVector>(in ConvolutionOperands row, int blockStart, int blockEnd) where TVector : struct, IVector
    {
        var taps = (long*)_taps.Start;
        var (zero, pairs, most) = (Vector256<byte>.Zero, _pairs, Vectors * TVector.Pixels);
        var (greatest, least) = (Vector256.Create((float)(_result.High - _result.ZeroPoint)), Vector256.Create(_result.Low));
        var zeroPoint = Vector256.Create((short)_result.ZeroPoint);
        for (var x = 0; x < _shape.OutputWidth; x += most)
        {
            var count = Math.Min(most, _shape.OutputWidth - x);
            long step = (long)_shape.StrideX * _shape.Input.Pixel, last = count - 1;
            byte* a = row.Input + x * step + blockStart * BlockChannels, b = a + Math.Min(TVector.Pixels, last) * step;
            var (nextA, nextB) = (Math.Min(1, last) * step, (Math.Min(3, last) - Math.Min(2, last)) * step);
            var weights = (short*)_weights.Start + (long)blockStart * pairs * 2 * BlockChannels;
            for (var block = blockStart; block < blockEnd; block++, a += BlockChannels, b += BlockChannels)
            {
                var (a0, a1, a2, a3) = Four((int*)_bias.Start + block * BlockChannels);
                var (b0, b1, b2, b3) = (a0, a1, a2, a3);
                for (var pair = 0; pair < pairs; pair++, weights += 2 * BlockChannels)
                {
                    var (first, second) = (taps[2 * pair], taps[2 * pair + 1]);
                    var (low, high) = Together(TVector.Load(a + first, nextA), TVector.Load(a + second, nextA));
                    var (lowB, highB) = Together(TVector.Load(b + first, nextB), TVector.Load(b + second, nextB));
                    (a0, b0) = Step(Avx2.UnpackLow(low, zero), Avx2.UnpackLow(lowB, zero), weights, a0, b0);
                    (a1, b1) = Step(Avx2.UnpackHigh(low, zero), Avx2.UnpackHigh(lowB, zero), weights + 16, a1, b1);
                    (a2, b2) = Step(Avx2.UnpackLow(high, zero), Avx2.UnpackLow(highB, zero), weights + 32, a2, b2);
                    (a3, b3) = Step(Avx2.UnpackHigh(high, zero), Avx2.UnpackHigh(highB, zero), weights + 48, a3, b3);
                }
                if (_givesBytes)
                {
                    var multipliers = (float*)_multipliers.Start + block * BlockChannels;
                    Store<TVector>(row, x, count, block, Vector256.Max(Steps(a0, a1, a2, a3, multipliers, greatest, zeroPoint), least),
                        Vector256.Max(Steps(b0, b1, b2, b3, multipliers, greatest, zeroPoint), least));
                    continue;
                }
                Spread(a0, a1, a2, a3, (int*)row.Scratch);
                Spread(b0, b1, b2, b3, (int*)row.Scratch + BlockChannels);
                Write(row, x, count, block, BlockChannels / TVector.Pixels);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<int>, Vector256<int>, Vector256<int>, Vector256<int>) Four(int* sums) =>
        (Vector256.Load(sums), Vector256.Load(sums + 8), Vector256.Load(sums + 16), Vector256.Load(sums + 24));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<byte>, Vector256<byte>) Together(Vector256<byte> p, Vector256<byte> q) =>
        (Avx2.UnpackLow(p, q), Avx2.UnpackHigh(p, q));

    /// <summary>Writes the bytes of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store<TVector>(in ConvolutionOperands row, int x, int count, int block, Vector256<byte> bytes, Vector256<byte> others)
        where TVector : struct, IVector
    {
        var channels = Math.Min(BlockChannels, _shape.OutputChannels - block * BlockChannels);
        var output = row.Output + (long)x * _shape.Output.Pixel + block * BlockChannels;
        if (TVector.Pixels == 1 && channels == BlockChannels)
        {
            bytes.Store(output);
            others.Store(output + (count - 1) * _shape.Output.Pixel);
            return;
        }
        bytes.Store(row.Scratch);
        others.Store(row.Scratch + BlockChannels);
        ByteRows.Copy(row.Scratch, BlockChannels / TVector.Pixels, output, _shape.Output.Pixel, count, channels);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<int>, Vector256<int>) Step(
        Vector256<byte> first, Vector256<byte> second, short* weights, Vector256<int> sum, Vector256<int> next)
    {
        var w = Vector256.Load(weights);
        return (sum + Avx2.MultiplyAddAdjacent(first.AsInt16(), w), next + Avx2.MultiplyAddAdjacent(second.AsInt16(), w));
    }

    /// <summary>Sums in the order of channels, those of a half after the other's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Vector256<int> s0, Vector256<int> s1, Vector256<int> s2, Vector256<int> s3, int* to)
    {
        Avx2.Permute2x128(s0, s1, 0x20).Store(to);
        Avx2.Permute2x128(s2, s3, 0x20).Store(to + 8);
        Avx2.Permute2x128(s0, s1, 0x31).Store(to + 16);
        Avx2.Permute2x128(s2, s3, 0x31).Store(to + 24);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Write(in ConvolutionOperands row, int x, int count, int block, int distance)
    {
        var channel = block * BlockChannels;
        _epilogue.Write(new((int*)row.Scratch, distance, count, channel, Math.Min(BlockChannels, _shape.OutputChannels - channel)),
            new EvenPlaces(_shape.Output.Pixel, _shape.Residual.Pixel), row.Output + (long)x * _shape.Output.Pixel,
            row.Residual + (long)x * _shape.Residual.Pixel);
    }

    /// <summary>As <see cref="Epilogue.Requantize"/>, but for the least byte. What is beyond the greatest is cut off before the conversion, which
    /// rounds half to even; what is far below becomes the least integer there, and packing cuts off below 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Steps(Vector256<int> s0, Vector256<int> s1, Vector256<int> s2, Vector256<int> s3, float* multipliers,
        Vector256<float> greatest, Vector256<short> zeroPoint)
    {
        var words = Avx2.AddSaturate(Avx2.PackSignedSaturate(Of(s0, 0), Of(s1, 8)), zeroPoint);
        var others = Avx2.AddSaturate(Avx2.PackSignedSaturate(Of(s2, 16), Of(s3, 24)), zeroPoint);
        return Avx2.PackUnsignedSaturate(words, others);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<int> Of(Vector256<int> sum, int lane) =>
            Avx.ConvertToVector256Int32(Avx.Min(Vector256.ConvertToSingle(sum) * Vector256.Load(multipliers + lane), greatest));
    }

    /// <summary>What a vector of 32 bytes holds.</summary>
    private interface IVector
    {
        /// <summary>Of how many pixels.</summary>
        static abstract int Pixels { get; }

        /// <summary>Loads one.</summary>
        static abstract Vector256<byte> Load(byte* at, long next);
    }

    private readonly struct OnePixel : IVector
    {
        public static int Pixels => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Load(byte* at, long next) => Vector256.Load(at);
    }

    private readonly struct TwoPixels : IVector
    {
        public static int Pixels => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Load(byte* at, long next) => Vector256.Create(Vector128.Load(at), Vector128.Load(at + next));
    }
}
