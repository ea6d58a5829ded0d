using Caliper.Assembly;
using Caliper.Kernels.Convolution.Assembled;

namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>
/// Convolution by the tile unit (AMX-INT8), by code assembled for the layer. A row of a tile is one pixel's 64 bytes, read from where they
/// lie. A unit is a group of tiles of pixels, a block up to 64 output channels.
/// </summary>
internal sealed unsafe class AmxConvolution : ConvolutionKernel
{
    public static KernelEntry<ConvolutionMaker> Entry { get; } =
        new("amx", KernelSet.Amx, () => TileUnit.WhyNot, (layer, resources) => TryCreate(layer, resources));

    // Steps that are written out. Enough that the epilogue of a group finds its place among them.
    private const int MostStepsInLine = 8;

    // Of an image; a pixel takes four bytes of a table, or eight.
    private const int MostPixels = 1 << 20;

    private readonly ConvolutionShape _shape;
    private readonly AmxPlan _plan;
    private readonly AmxForm _form;
    private readonly AmxFunctions _functions;
    private readonly GroupTable _table;
    private readonly int _steps;
    private readonly BlockPlan _blockPlan;
    private readonly PackedPiece _constants;
    private readonly PackedPiece? _blocks;
    private readonly byte* _groups;
    private readonly long* _moves;

    private AmxConvolution(ConvolutionLayer layer, StepWalk walk, GroupTable table, AmxForm form, AmxFunctions functions,
        KernelResources resources, bool hasWeights) : base(layer)
    {
        (_shape, _plan, _form, _functions, _table, _steps) = (layer.Shape, form.Plan, form, functions, table, walk.Steps);
        _blockPlan = TileWeights.Plan(_plan, _shape.OutputChannels, _steps, form.Epilogue);
        var constants = 64 * LayerConstants.Count;
        WeightBytes = constants + BytesOfBlocks + sizeof(long) * _steps;
        _constants = resources.Shared(() => new PackedMemory()).Allocate(constants + sizeof(long) * _steps);
        _groups = table.Start(resources);
        _moves = (long*)(_constants.Start + constants);
        for (var step = 1; step < _steps; step++) _moves[step - 1] = walk.Offsets[step] - walk.Offsets[step - 1];
        LayerConstants.Write(layer.Epilogue, new Span<byte>(_constants.Start, constants));
        if (hasWeights) _blocks = PackedBlocks.Of(layer, TileWeights.Order(walk), _blockPlan, resources);
    }

    public override int Units => _shape.Images * _plan.Groups;

    public override int Blocks => _blockPlan.Count;

    public override int ChannelsPerBlock => _blockPlan.ChannelsPerBlock;

    public override int FirstPixelOf(int unit)
    {
        var (image, group) = Math.DivRem(unit, _plan.Groups);
        return image * _shape.OutputHeight * _shape.OutputWidth + _table.FirstPixelOf(group);
    }

    public override string Name => $"amx {_plan}";

    public override long WeightBytes { get; }

    public override int ScratchBytes => AmxCode.ScratchBytes(_plan);

    public override IEnumerable<ConstantReach> Constants
    {
        get
        {
            yield return ConstantReach.Of("constants", _constants, 64 * LayerConstants.Count + (long)sizeof(long) * _steps);
            yield return new("pixels", (long)_plan.Groups * _table.Layout.ByteCount, _table.Bytes.Length);
            if (_blocks is { } blocks) yield return ConstantReach.Of("weights", blocks, _blockPlan.BytesOf(Blocks));
        }
    }

    /// <summary>Bytes of all blocks of weights.</summary>
    public long BytesOfBlocks => _blockPlan.ByteCount;

    /// <summary>How a block lies, and how many bytes from the first.</summary>
    public (BlockLayout Layout, long ByteOffset) BlockAt(int block) => _blockPlan.At(block);

    public override void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd) =>
        Run(operands, _blocks!.Value.Start, unitStart, unitEnd, blockStart, blockEnd);

    /// <summary>The same with other blocks than the layer's.</summary>
    public void Run(in ConvolutionOperands operands, byte* blocks, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        _functions.Configure();
        for (var block = blockStart; block < blockEnd; block++)
        {
            for (var unit = unitStart; unit < unitEnd;)
            {
                var (image, group) = Math.DivRem(unit, _plan.Groups);
                var count = Math.Min(_plan.Groups - group, unitEnd - unit);
                RunGroups(operands, blocks, image, group, count, block);
                unit += count;
            }
        }
        _functions.Release();
    }

    private void RunGroups(in ConvolutionOperands operands, byte* blocks, int image, int group, int count, int block)
    {
        var channel = (long)block * ChannelsPerBlock;
        var call = (GroupCall*)operands.Scratch;
        *call = new GroupCall
        {
            Input = operands.Input + image * _shape.Input.Image,
            Output = operands.Output + image * _shape.Output.Image + (_form.Epilogue.IsWide ? sizeof(int) : 1) * channel,
            Residual = operands.Residual + image * _shape.Residual.Image + channel,
            Block = blocks + _blockPlan.At(block).ByteOffset,
            Constants = _constants.Start,
            Groups = count,
            Table = _groups + (long)group * _table.Layout.ByteCount,
            Stride = (long)_shape.StrideX * _shape.Input.Pixel,
            Steps = _moves,
            LoopedSteps = _steps - _form.StepsInLine,
            NowhereAddress = operands.Scratch + GroupCall.Nowhere,
        };
        _functions.Run(block == _blockPlan.FullBlocks, call);
    }

    /// <summary>The kernel for a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="resources">What owns the code and the weights.</param>
    /// <param name="plan">How it is cut, for measurements; otherwise the cheapest plan is taken.</param>
    /// <param name="hasWeights">Whether the layer's weights are packed; otherwise each run brings blocks of its own.</param>
    /// <returns>Null where there are no tiles, the layer is of another kind, vectors are faster, or the system gives no executable pages any
    /// more.</returns>
    public static AmxConvolution? TryCreate(ConvolutionLayer layer, KernelResources resources, AmxPlan? plan = null, bool hasWeights = true)
    {
        var shape = layer.Shape;
        // Asked for here, too: without the system's permission the first instruction for tiles ends the process.
        if (resources.Machine.WhyNoTiles is not null || shape.IsDepthwise || layer.Weights.HasZeroPoints || !FitsTables(shape)) return null;
        if (EpilogueForm.Of(layer.Epilogue) is not { } epilogue) return null;
        var walk = new StepWalk(shape);
        if ((plan ?? Cheapest(shape, AmxCost.Of(shape, walk, epilogue.HasResidual))) is not { } chosen) return null;
        var table = resources.Shared(() => new GroupTableCache()).Get(shape, chosen, epilogue.HasResidual);
        var inLine = Math.Min(walk.Steps, MostStepsInLine);
        var form = new AmxForm(chosen, inLine, walk.Steps > inLine, table.HasSkipped, epilogue);
        var (channels, full) = (shape.OutputChannels, chosen.FullBlocks(shape.OutputChannels));
        var functions = resources.Model.Shared(() => new AmxFunctionCache(resources.Machine))
            .Get(form, full > 0, channels - full * 16 * chosen.Vectors);
        return functions is null ? null : new AmxConvolution(layer, walk, table, form, functions, resources, hasWeights);
    }

    private static AmxPlan? Cheapest(ConvolutionShape shape, AmxCost cost)
    {
        var plan = AmxPlan.Cheapest(shape, cost);
        var vectors = cost.CyclesOfVectors(new KernelWalk(shape).Quads, (long)shape.OutputHeight * shape.OutputWidth, shape.OutputChannels);
        return cost.Cycles(plan, shape.OutputChannels) < vectors ? plan : null;
    }

    // Tables hold offsets of 31 bits, and have an entry for each pixel.
    private static bool FitsTables(ConvolutionShape shape)
    {
        const long Reach = 1 << 30;
        return (long)shape.OutputHeight * shape.OutputWidth < MostPixels && 64L * shape.ProductsPerOutput < Reach
            && Extent(shape.Output) < Reach && Extent(shape.Residual) < Reach;

        long Extent(PlaneStrides plane) => (shape.OutputHeight - 1L) * plane.Row + (shape.OutputWidth - 1L) * plane.Pixel;
    }
}
