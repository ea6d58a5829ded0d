namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>Convolution by intrinsics: <see cref="SpreadTiles{TDot, TVector}"/> of bytes.</summary>
internal sealed unsafe class TiledConvolution<TDot, TVector> : ConvolutionKernel
    where TDot : struct, IDotProduct<TVector> where TVector : unmanaged
{
    private readonly string _name;
    private readonly ConvolutionShape _shape;
    private readonly SumsEpilogue _epilogue;
    private readonly SpreadTiles<TDot, TVector> _tiles;

    private TiledConvolution(string name, ConvolutionLayer layer, KernelResources resources) : base(layer)
    {
        (_name, _shape) = (name, layer.Shape);
        _epilogue = new SumsEpilogue(layer.Epilogue, resources);
        // Without zero points the sums are those of the weights.
        var starts = layer.FoldedBias().Zip(layer.Weights.Sums, (bias, sum) => unchecked(bias + sum * TDot.InputShift));
        _tiles = new(_shape, _shape.Residual, layer.Weights, [.. starts], resources);
    }

    public override int Units => _tiles.Units;

    public override int Blocks => _tiles.Blocks;

    public override int ChannelsPerBlock => SpreadTiles<TDot, TVector>.Channels;

    public override int FirstPixelOf(int unit) => _tiles.FirstPixelOf(unit);

    public override string Name => $"{_name} {SpreadTiles<TDot, TVector>.Size}";

    public override long WeightBytes => _tiles.WeightBytes;

    public override int ScratchBytes => _tiles.ScratchBytes;

    public override IEnumerable<ConstantReach> Constants => [.. _tiles.Constants, _epilogue.Constants(_shape.OutputChannels)];

    /// <summary>The kernel for a layer; null for depthwise ones and those with zero points of weights.</summary>
    public static ConvolutionKernel? TryCreate(string name, ConvolutionLayer layer, KernelResources resources) =>
        layer.Shape.IsDepthwise || layer.Weights.HasZeroPoints ? null : new TiledConvolution<TDot, TVector>(name, layer, resources);

    public override void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd) =>
        _tiles.Run(new Bytes(operands.Input), new End(_epilogue, operands.Output, operands.Residual), operands.Scratch, unitStart, unitEnd,
            blockStart, blockEnd);

    private readonly struct Bytes(byte* input) : ISpreadSource
    {
        public void Spread(long at, int count, byte* spread) => TDot.Spread(input + at, count, spread);
    }

    private readonly struct End(SumsEpilogue epilogue, byte* output, byte* residual) : ITileEnd
    {
        public void Write(in PixelSums sums, ListedPlaces places) => epilogue.Write(sums, places, output, residual);
    }
}
