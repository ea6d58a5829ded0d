using Caliper.Assembly;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// Convolution by x64 code assembled for the layer: AVX-512 VNNI, all distances written into the instructions. A unit is a
/// band of output rows, or a tile of a plane that is one row; a block is up to 64 output channels.
/// </summary>
internal sealed unsafe class GeneratedConvolution : ConvolutionKernel
{
    public static KernelEntry<ConvolutionMaker> Entry { get; } =
        new("jit", KernelSet.Jit, () => GeneratedCode.WhyNot, (layer, resources) => TryCreate(layer, resources));

    // With more products for each output there is little to gain.
    private const int MaxQuadsInHalves = 256;

    private const int MaxColumnTaps = 200;

    private readonly ConvolutionShape _shape;
    private readonly OutputPlane _plane;
    private readonly TilePlan _plan;
    private readonly ConvolutionForm _form;
    private readonly PackedPiece _constants;
    private readonly PackedPiece _blocks;
    private readonly ConvolutionFunctions _functions;
    private readonly BlockPlan _blockPlan;

    private GeneratedConvolution(
        ConvolutionLayer layer, OutputPlane plane, TilePlan plan, ConvolutionForm form, ConvolutionFunctions functions,
        KernelResources resources) : base(layer)
    {
        (_shape, _plane, _plan, _form, _functions) = (layer.Shape, plane, plan, form, functions);
        var (walk, isWide) = (form.Walk, form.Epilogue.IsWide);
        _blockPlan = new(walk.Layout(plan.Vectors, isWide), plan.LastVectors > 0 ? walk.Layout(plan.LastVectors, isWide) : null, plan.FullBlocks, 1);
        WeightBytes = 64 * LayerConstants.Count + _blockPlan.ByteCount;
        var constants = new byte[64 * LayerConstants.Count];
        LayerConstants.Write(layer.Epilogue, constants);
        _constants = resources.Model.Shared(() => new PackedMemory()).Keep(constants);
        _blocks = PackedBlocks.Of(layer, PackedBlocks.Order(walk), _blockPlan, resources);
    }

    public override int Units => _plane.Images * _plan.Bands;

    public override int Blocks => _plan.Blocks;

    public override int ChannelsPerBlock => 16 * _plan.Vectors;

    public override int FirstPixelOf(int unit)
    {
        var (image, band) = Math.DivRem(unit, _plan.Bands);
        // The bands of a plane that is one row are pieces of that row.
        var pixels = _plan.Band.Rows * (_plane.IsOneRow ? _plan.Band.Columns : _plane.Width);
        var all = _plane.Height * _plane.Width;
        return image * all + Math.Min(band * pixels, all);
    }

    public override string Name => $"jit {_plan}";

    public override long WeightBytes { get; }

    public override IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("constants", _constants, 64 * LayerConstants.Count),
        ConstantReach.Of("weights", _blocks, _blockPlan.BytesOf(Blocks)),
    ];

    public override void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var block = blockStart; block < blockEnd; block++)
        {
            for (var unit = unitStart; unit < unitEnd;)
            {
                var (image, band) = Math.DivRem(unit, _plan.Bands);
                var full = Math.Min(_plan.FullBands - band, unitEnd - unit);
                RunBands(operands, image, band, Math.Max(full, 1), block, isLast: full <= 0);
                unit += Math.Max(full, 1);
            }
        }
    }

    private void RunBands(in ConvolutionOperands operands, int image, int band, int count, int block, bool isLast)
    {
        var lines = (long)band * _plan.Band.Rows;
        var channel = (long)block * 16 * _plan.Vectors;
        var call = new BandCall
        {
            Input = operands.Input + image * _shape.Input.Image + lines * _form.Input.Row + (_shape.IsDepthwise ? channel : 0),
            Output = operands.Output + image * _shape.Output.Image + lines * _form.Output.Row
                + (_form.Epilogue.IsWide ? sizeof(float) : 1) * channel,
            Residual = operands.Residual + image * _shape.Residual.Image + lines * _form.Residual.Row + channel,
            Constants = _constants.Start,
            Block = _blocks.Start + _blockPlan.At(block).ByteOffset,
            Bands = count,
        };
        _functions.Run(isLast, block == _plan.FullBlocks, &call);
    }

    /// <summary>The kernel for a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="resources">What owns the code and the weights.</param>
    /// <param name="vectors">Vectors of a block and pixels of a tile, for measurements; otherwise the cheapest are taken.</param>
    /// <param name="maxPixels">See <paramref name="vectors"/>.</param>
    /// <param name="inHalves">See <paramref name="vectors"/>.</param>
    /// <returns>Null where the layer is of another kind, or the system gives no executable pages any more.</returns>
    public static GeneratedConvolution? TryCreate(
        ConvolutionLayer layer, KernelResources resources, int? vectors = null, int? maxPixels = null, bool inHalves = false)
    {
        var shape = layer.Shape;
        if (layer.Weights.HasZeroPoints || !FitsInstructions(shape)) return null;
        if (EpilogueForm.Of(layer.Epilogue) is not { } epilogue || WalkOf(shape, epilogue) is not { } walk) return null;
        var plane = OutputPlane.Of(shape, epilogue.HasResidual);
        var (channels, mayHalve) = (shape.OutputChannels, CanHalve(walk, epilogue));
        var plan = walk is ColumnWalk ? TilePlan.ForColumns(plane, channels)
            : vectors is { } v && maxPixels is { } p ? TilePlan.Create(plane, channels, v, p, inHalves && mayHalve)
            : TilePlan.Cheapest(plane, channels, new TileCost(walk.Quads, epilogue.HasResidual), mayHalve);
        // The bands of a plane that is one row are pieces of that row.
        Distances Distance(PlaneStrides strides, int strideX = 1, int strideY = 1) =>
            new(strideX * strides.Pixel, plane.IsOneRow ? plan.Band.Columns * strides.Pixel : strideY * strides.Row);
        var form = new ConvolutionForm(
            walk, Distance(shape.Input, shape.StrideX, shape.StrideY), Distance(shape.Output),
            epilogue.HasResidual ? Distance(shape.Residual) : default, epilogue);
        var functions = resources.Model.Shared(() => new ConvolutionFunctionCache(resources.Machine)).Get(form, plan, channels);
        return functions is null ? null : new GeneratedConvolution(layer, plane, plan, form, functions, resources);
    }

    // Instructions hold distances of 32 bits, and code is written for few products below each other.
    private static bool FitsInstructions(ConvolutionShape shape)
    {
        const long Reach = 1 << 30;
        // No tile is higher or wider than this; a single row has none below it.
        var (rows, columns) = (shape.OutputHeight > 1 ? 32L : 0, 32L);
        var taps = (shape.KernelHeight - 1L) * shape.DilationY * shape.Input.Row + (long)shape.KernelWidth * shape.DilationX * shape.Input.Pixel;
        return taps + Extent(shape.Input, shape.StrideY, shape.StrideX) < Reach
            && Extent(shape.Output) < Reach && Extent(shape.Residual) < Reach
            && 64L * shape.ProductsPerOutput < Reach && (!shape.IsDepthwise || shape.ProductsPerOutput <= MaxColumnTaps);

        long Extent(PlaneStrides plane, int strideY = 1, int strideX = 1) =>
            rows * strideY * plane.Row + columns * strideX * plane.Pixel;
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
