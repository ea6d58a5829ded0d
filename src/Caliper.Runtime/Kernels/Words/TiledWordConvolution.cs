using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Kernels.Words;

/// <summary>A convolution of words by AVX2, whose products take 16 bits anyway: words are spread less 32768, so that they are signed, and take no
/// more time than bytes. What sums wrap on the way comes right in the end, since the whole sum fits 32 bits.</summary>
internal sealed unsafe class TiledWordConvolution : WordConvolution
{
    private const int SignedZero = 32768;

    private readonly WordLayer _layer;
    private readonly SpreadTiles<Avx2Dot, Vector256<int>> _tiles;
    private readonly WordSumsEpilogue _epilogue;

    private TiledWordConvolution(WordLayer layer, KernelResources resources)
    {
        _layer = layer;
        _epilogue = new(layer, resources);
        var starts = layer.Weights.Sums.Select(sum => unchecked((SignedZero - layer.InputZeroPoint) * sum));
        _tiles = new(layer.Shape, layer.LowOutput, layer.Weights, [.. starts], resources);
    }

    public override int Units => _tiles.Units;

    public override int Blocks => _tiles.Blocks;

    public override string Name => $"avx2 {SpreadTiles<Avx2Dot, Vector256<int>>.Size}";

    public override long WeightBytes => _tiles.WeightBytes + _epilogue.ByteCount;

    public override IEnumerable<ConstantReach> Constants => [.. _tiles.Constants, .. _epilogue.Constants];

    public override int ScratchBytes => _tiles.ScratchBytes;

    public override ByteSpan InputReach => ConvolutionReach.InputOf(_layer.Shape);

    /// <summary>The kernel for a layer; null where another kind of kernel takes it.</summary>
    public static TiledWordConvolution? TryCreate(WordLayer layer, KernelResources resources) =>
        layer.Shape.IsDepthwise || layer.Weights.HasZeroPoints || !WordLayer.SumsFit(layer.Weights) ? null : new(layer, resources);

    public override void Run(in WordOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd) =>
        _tiles.Run(new Words(operands.Input, operands.LowInput), new End(_epilogue, operands.Output, operands.LowOutput), operands.Scratch, unitStart,
            unitEnd, blockStart, blockEnd);

    private readonly struct Words(byte* high, byte* low) : ISpreadSource
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Spread(long at, int count, byte* spread)
        {
            var sign = Vector128.Create((byte)(SignedZero >> 8));
            for (var i = 0; i < count; i += 16)
            {
                var (upper, lower) = (Vector128.Load(high + at + i) ^ sign, Vector128.Load(low + at + i));
                Sse2.UnpackLow(lower, upper).Store(spread + 2 * i);
                Sse2.UnpackHigh(lower, upper).Store(spread + 2 * i + 16);
            }
        }
    }

    private readonly struct End(WordSumsEpilogue epilogue, byte* output, byte* low) : ITileEnd
    {
        public void Write(in PixelSums sums, ListedPlaces places) => epilogue.Write(sums, places, output, low);
    }
}
