using Caliper.Assembly;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// Convolution by x64 code assembled for the layer: AVX-512 VNNI, all distances written into the instructions.
/// </summary>
internal sealed unsafe class AssembledConvolution : ConvolutionKernel
{
    public static KernelEntry<ConvolutionMaker> Entry { get; } =
        new("assembled", KernelSet.Assembled, () => AssembledCode.WhyNot, (layer, resources) => TryCreate(layer, resources));

    // With more products for each output there is little to gain.
    private const int MaxQuadsInHalves = 256;

    private const int MaxColumnTaps = 200;

    private readonly BandGrid _grid;
    private readonly bool _isWide;
    private readonly PackedPiece _constants;
    private readonly PackedPiece _blocks;

    private AssembledConvolution(ConvolutionLayer layer, BandGrid grid, Walk walk, KernelResources resources) : base(layer)
    {
        (_grid, _isWide) = (grid, layer.Epilogue.IsWide);
        WeightBytes = 64 * LayerConstants.Count + grid.BlockPlan.ByteCount;
        var constants = new byte[64 * LayerConstants.Count];
        LayerConstants.Write(layer.Epilogue, constants);
        _constants = resources.Model.Shared(() => new PackedMemory()).Keep(constants);
        _blocks = PackedBlocks.Of(layer, PackedBlocks.Order(walk), grid.BlockPlan, resources);
    }

    public override int Units => _grid.Units;

    public override int Blocks => _grid.Blocks;

    public override int ChannelsPerBlock => _grid.BlockPlan.ChannelsPerBlock;

    public override int FirstPixelOf(int unit) => _grid.FirstPixelOf(unit);

    public override string Name => $"assembled {_grid.Plan}";

    public override long WeightBytes { get; }

    public override IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("constants", _constants, 64 * LayerConstants.Count),
        ConstantReach.Of("weights", _blocks, _grid.BlockPlan.BytesOf(Blocks)),
    ];

    public override void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var origin = new BandCall
        {
            Input = operands.Input,
            Output = operands.Output,
            Residual = operands.Residual,
            Block = _blocks.Start,
            Constants = _constants.Start,
        };
        _grid.Run(origin, _isWide ? sizeof(float) : 1, constantsOfBlock: 0, unitStart, unitEnd, blockStart, blockEnd);
    }

    /// <summary>The kernel for a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="resources">What owns the code and the weights.</param>
    /// <param name="vectors">Vectors of a block and pixels of a tile, for measurements; otherwise the cheapest are taken.</param>
    /// <param name="maxPixels">See <paramref name="vectors"/>.</param>
    /// <param name="inHalves">See <paramref name="vectors"/>.</param>
    /// <returns>Null where the layer is of another kind, or the system gives no executable pages any more.</returns>
    public static AssembledConvolution? TryCreate(
        ConvolutionLayer layer, KernelResources resources, int? vectors = null, int? maxPixels = null, bool inHalves = false)
    {
        var shape = layer.Shape;
        if (layer.Weights.HasZeroPoints || !ConvolutionForm.Fits(shape)) return null;
        // Code is written for few products below each other.
        if (shape.IsDepthwise && shape.ProductsPerOutput > MaxColumnTaps) return null;
        if (EpilogueForm.Of(layer.Epilogue) is not { } epilogue || WalkOf(shape, epilogue) is not { } walk) return null;
        var plane = OutputPlane.Of(shape, epilogue.HasResidual);
        var (channels, mayHalve, core) = (shape.OutputChannels, CanHalve(walk, epilogue), CoreCost.Of(resources.Core));
        var plan = walk is ColumnWalk columns ? TilePlan.ForColumns(plane, channels, columns.OutputRows)
            : vectors is { } v && maxPixels is { } p ? TilePlan.Create(plane, channels, v, p, inHalves && mayHalve)
            : TilePlan.Cheapest(plane, channels, new TileCost(walk.Quads, epilogue.HasResidual, core), mayHalve);
        var grid = BandGrid.TryCreate(shape, plane, plan, ConvolutionForm.Of(shape, walk, epilogue, plane, plan, core), resources);
        return grid is null ? null : new AssembledConvolution(layer, grid, walk, resources);
    }

    private static bool CanHalve(Walk walk, EpilogueForm epilogue) =>
        walk is KernelWalk { Quads: <= MaxQuadsInHalves } && !epilogue.IsWide;

    private static Walk? WalkOf(ConvolutionShape shape, EpilogueForm epilogue)
    {
        if (!shape.IsDepthwise) return new KernelWalk(shape);
        var columns = new ColumnWalk(shape);
        return DepthwiseCode.Fits(columns) && !epilogue.HasResidual ? columns : null;
    }
}
