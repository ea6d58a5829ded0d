using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;

namespace Caliper.Kernels.Words;

/// <summary>A convolution of words by code assembled for it, which sees each tile of the output once: <see cref="WordCode"/>.</summary>
internal sealed unsafe class OnePassConvolution : WordConvolution
{
    private readonly WordLayer _layer;
    private readonly BandGrid _grid;
    private readonly PackedPiece _blocks, _constants;
    private readonly int _constantsOfBlock;

    private OnePassConvolution(WordLayer layer, ConvolutionLayer sums, BandGrid grid, Walk walk, KernelResources resources)
    {
        (_layer, _grid, InputReach) = (layer, grid, ConvolutionReach.Of(sums).Input);
        _blocks = PackedBlocks.Of(sums, PackedBlocks.Order(walk), grid.BlockPlan, resources);
        _constantsOfBlock = WordConstants.BytesOf(grid.BlockPlan.Full.Vectors);
        var constants = WordConstants.Of(layer.Epilogue, grid.Blocks, grid.BlockPlan.Full.Vectors);
        _constants = resources.Model.Shared(() => new PackedMemory()).Keep(constants);
        WeightBytes = constants.Length + grid.BlockPlan.ByteCount;
    }

    public override int Units => _grid.Units;

    public override int Blocks => _grid.Blocks;

    public override string Name => $"assembled {_grid.Plan}";

    public override long WeightBytes { get; }

    public override IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("constants", _constants, (long)Blocks * _constantsOfBlock),
        ConstantReach.Of("weights", _blocks, _grid.BlockPlan.BytesOf(Blocks)),
    ];

    public override ByteSpan InputReach { get; }

    public override void Run(in WordOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var origin = new BandCall
        {
            Input = operands.Input,
            ToLowInput = operands.LowInput - operands.Input,
            Output = operands.Output,
            ToLowOutput = operands.LowOutput - operands.Output,
            Block = _blocks.Start,
            Constants = _constants.Start,
        };
        _grid.Run(origin, _layer.Epilogue.ElementSize, _constantsOfBlock, unitStart, unitEnd, blockStart, blockEnd);
    }

    /// <summary>The kernel for a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="resources">What owns the code and the weights.</param>
    /// <param name="vectors">Vectors of a block and pixels of a tile, for measurements; otherwise the cheapest are taken.</param>
    /// <param name="maxPixels">See <paramref name="vectors"/>.</param>
    /// <returns>Null where the layer is of another kind, or the system gives no executable pages any more.</returns>
    public static OnePassConvolution? TryCreate(WordLayer layer, KernelResources resources, int? vectors = null, int? maxPixels = null)
    {
        var (shape, epilogue) = (layer.Shape, layer.Epilogue);
        if (layer.Weights.HasZeroPoints || shape.IsDepthwise || !WordLayer.SumsFit(layer.Weights) || !ConvolutionForm.Fits(shape)) return null;
        // One distance leads from the upper byte of every output to its lower one.
        if (epilogue.Result is WordResult.Words && layer.LowOutput != shape.Output) return null;
        if (!epilogue.Multipliers.All(float.IsFinite) || !epilogue.Offsets.All(float.IsFinite)) return null;
        var sums = SumsOf(layer);
        if (EpilogueForm.Of(sums.Epilogue) is not { } form) return null;
        var (walk, plane, core) = (new KernelWalk(shape), OutputPlane.Of(shape, hasResidual: false), CoreCost.Of(resources.Core));
        var plan = vectors is { } v && maxPixels is { } p ? TilePlan.Create(plane, shape.OutputChannels, v, p)
            : TilePlan.Cheapest(plane, shape.OutputChannels, new TileCost(2 * walk.Quads, HasResidual: false, core), mayHalve: false);
        var ofWords = new WordForm(ConvolutionForm.Of(shape, walk, form, plane, plan, core), epilogue.Result);
        var grid = BandGrid.TryCreate(shape, plane, plan, ofWords, resources);
        return grid is null ? null : new OnePassConvolution(layer, sums, grid, walk, resources);
    }

    /// <summary>The layer as its blocks are packed: the bias of its sums is <c>−z·Σw</c>, modulo 2³², and the multipliers are the
    /// epilogue's.</summary>
    private static ConvolutionLayer SumsOf(WordLayer layer) => new(layer.Name, layer.Shape, layer.Weights,
        [.. layer.Weights.Sums.Select(sum => unchecked(-layer.InputZeroPoint * sum))], 0,
        Epilogue.OfSums(layer.Shape.OutputChannels) with { Multipliers = layer.Epilogue.Multipliers });
}
