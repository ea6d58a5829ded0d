using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;

namespace Caliper.Kernels.Pixels;

/// <summary>A convolution of floats by code assembled for it. Around its input lie as many pixels of zeros as its windows reach.</summary>
internal sealed unsafe class AssembledFloatConvolution : PixelKernel
{
    // Of a depthwise convolution, for which code is written tap by tap and pixel by pixel.
    private const int MostColumns = 16, MostTaps = 100;

    private readonly BandGrid _grid;
    private readonly PackedPiece _blocks, _constants;
    private readonly long _firstTap;

    private AssembledFloatConvolution(FloatLayer layer, ConvolutionShape shape, BandGrid grid, Walk walk, KernelResources resources)
    {
        _grid = grid;
        _blocks = FloatBlocks.Of(layer, walk, grid.BlockPlan, resources);
        _constants = FloatBlocks.Constants(layer.Bounds, resources);
        _firstTap = -(long)layer.Window.Top * shape.Input.Row - (long)layer.Window.Left * shape.Input.Pixel;
        var taps = ConvolutionReach.InputOf(shape);
        Reads = new(taps.Low + _firstTap, taps.High + _firstTap);
    }

    public override string Name => $"assembled {_grid.Plan}";

    public override ByteSpan Reads { get; }

    public override int Units => _grid.Units;

    public override int Blocks => _grid.Blocks;

    public override long WeightBytes => _grid.BlockPlan.ByteCount;

    public override IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("bounds", _constants, 128),
        ConstantReach.Of("weights", _blocks, _grid.BlockPlan.BytesOf(Blocks)),
    ];

    public override void Run(byte* input, byte* output, byte* scratch, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var origin = new BandCall { Input = input + _firstTap, Output = output, Block = _blocks.Start, Constants = _constants.Start };
        _grid.Run(origin, sizeof(float), constantsOfBlock: 0, unitStart, unitEnd, blockStart, blockEnd);
    }

    /// <summary>The kernel of a convolution for where its images lie; null where it is of another kind, or the system gives no executable pages
    /// any more.</summary>
    public static PixelKernel? TryCreate(FloatLayer layer, PixelImage input, PixelImage output, KernelSet set, KernelResources resources) =>
        TryCreate(layer, input, output, set, resources, null, null);

    /// <summary>The same with so many vectors of a block and pixels of a tile, for measurements.</summary>
    public static PixelKernel? TryCreate(FloatLayer layer, PixelImage input, PixelImage output, KernelSet set, KernelResources resources,
        int? vectors, int? maxPixels)
    {
        if (layer.Groups > 1 && !MayBeDepthwise(layer)) return null;
        var (shape, channels) = (ShapeOf(layer, input, output), layer.Channels.Outputs);
        var epilogue = Epilogue.OfSums(channels);
        if (!ConvolutionForm.Fits(shape) || EpilogueForm.Of(epilogue) is not { } form) return null;
        Walk walk = shape.IsDepthwise ? new WindowWalk(shape) : new KernelWalk(shape);
        var (plane, core) = (OutputPlane.Of(shape, hasResidual: false), CoreCost.Of(resources.Core));
        var plan = shape.IsDepthwise ? TilePlan.ForColumns(plane, channels, 1, 1, Math.Min(maxPixels ?? MostColumns, FloatDepthwiseCode.MostPixels))
            : vectors is { } v && maxPixels is { } p ? TilePlan.Create(plane, channels, v, p)
            : TilePlan.Cheapest(plane, channels, new TileCost(walk.Quads, HasResidual: false, core), mayHalve: false);
        var ofFloats = new FloatForm(ConvolutionForm.Of(shape, walk, form, plane, plan, core), layer.Bounds.Are);
        return BandGrid.TryCreate(shape, plane, plan, ofFloats, resources) is not { } grid ? null
            : new AssembledFloatConvolution(layer, shape, grid, walk, resources) { Input = input, Output = output, Set = set, Bounds = layer.Bounds };
    }

    // A zero beside the image times what is no number would be none, where the definition leaves it out.
    private static bool MayBeDepthwise(FloatLayer layer) => layer.IsDepthwise && layer.Window.KernelHeight * layer.Window.KernelWidth <= MostTaps
        && layer.Weights.Span<float>().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) < 0;

    /// <summary>The shape in bytes: a float is four of them, as the channels of a quad are.</summary>
    private static ConvolutionShape ShapeOf(FloatLayer layer, PixelImage input, PixelImage output) => new()
    {
        Images = output.Images,
        OutputHeight = output.Height,
        OutputWidth = output.Width,
        InputChannels = checked(sizeof(float) * layer.Channels.Inputs),
        OutputChannels = layer.Channels.Outputs,
        IsDepthwise = layer.IsDepthwise,
        KernelHeight = layer.Window.KernelHeight,
        KernelWidth = layer.Window.KernelWidth,
        StrideY = layer.Window.StrideY,
        StrideX = layer.Window.StrideX,
        DilationY = layer.Window.DilationY,
        DilationX = layer.Window.DilationX,
        Input = input.Strides,
        Output = output.Strides,
    };
}
