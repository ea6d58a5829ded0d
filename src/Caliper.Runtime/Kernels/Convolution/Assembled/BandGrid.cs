namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// The assembled functions of a layer with its packed blocks, and the grid that they are run over. A unit is a band of output rows, or a tile
/// of a plane that is one row; a block is up to 64 output channels.
/// </summary>
/// <param name="shape">The layer's geometry.</param>
/// <param name="plane">Its output as the plan sees it.</param>
/// <param name="plan">How that is cut.</param>
/// <param name="form">What the code was written for.</param>
/// <param name="functions">The code.</param>
internal sealed unsafe class BandGrid(
    ConvolutionShape shape, OutputPlane plane, TilePlan plan, ConvolutionForm form, ConvolutionFunctions functions)
{
    /// <summary>The grid of a layer; null where the system gives no executable pages any more.</summary>
    public static BandGrid? TryCreate(ConvolutionShape shape, OutputPlane plane, TilePlan plan, ConvolutionForm form, KernelResources resources)
    {
        var functions = ConvolutionFunctions.TryCreate(form, plan, shape.OutputChannels, resources);
        return functions is null ? null : new(shape, plane, plan, form, functions);
    }

    /// <summary>Pieces of the output's pixels.</summary>
    public int Units => plane.Images * plan.Bands;

    /// <summary>Pieces of the output's channels.</summary>
    public int Blocks => plan.Blocks;

    /// <summary>How the blocks of packed weights lie.</summary>
    public BlockPlan BlockPlan { get; } = new(form.Walk.Layout(plan.Vectors, form.Epilogue.IsWide),
        plan.LastVectors > 0 ? form.Walk.Layout(plan.LastVectors, form.Epilogue.IsWide) : null, plan.FullBlocks, 1);

    /// <summary>How it is cut, for reports.</summary>
    public TilePlan Plan => plan;

    /// <summary>See <see cref="ConvolutionKernel.FirstPixelOf"/>.</summary>
    public int FirstPixelOf(int unit)
    {
        var (image, band) = Math.DivRem(unit, plan.Bands);
        // The bands of a plane that is one row are pieces of that row.
        var pixels = plan.Band.Rows * (plane.IsOneRow ? plan.Band.Columns : plane.Width);
        var all = plane.Height * plane.Width;
        return image * all + Math.Min(band * pixels, all);
    }

    /// <summary>Computes a rectangle of the output.</summary>
    /// <param name="origin">Where the whole tensors, the first block and its constants lie.</param>
    /// <param name="outputSize">Bytes of an element of the output.</param>
    /// <param name="constantsOfBlock">Bytes from the constants of a block to those of the next.</param>
    /// <param name="unitStart">First unit.</param>
    /// <param name="unitEnd">One past the last unit.</param>
    /// <param name="blockStart">First block of output channels.</param>
    /// <param name="blockEnd">One past the last block.</param>
    public void Run(in BandCall origin, int outputSize, int constantsOfBlock, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var block = blockStart; block < blockEnd; block++)
        {
            var channel = (long)block * BlockPlan.ChannelsPerBlock;
            var ofBlock = origin with
            {
                Input = origin.Input + (shape.IsDepthwise ? form.InputSize * channel : 0),
                Output = origin.Output + outputSize * channel,
                Residual = origin.Residual + channel,
                Block = origin.Block + BlockPlan.At(block).ByteOffset,
                Constants = origin.Constants + (long)block * constantsOfBlock,
            };
            for (var unit = unitStart; unit < unitEnd;)
            {
                var (image, band) = Math.DivRem(unit, plan.Bands);
                var full = Math.Min(plan.FullBands - band, unitEnd - unit);
                RunBands(ofBlock, image, band, Math.Max(full, 1), isLast: full <= 0, isLastBlock: block == plan.FullBlocks);
                unit += Math.Max(full, 1);
            }
        }
    }

    private void RunBands(BandCall call, int image, int band, int count, bool isLast, bool isLastBlock)
    {
        var lines = (long)band * plan.Band.Rows;
        call.Input += image * shape.Input.Image + lines * form.Input.Row;
        call.Output += image * shape.Output.Image + lines * form.Output.Row;
        call.Residual += image * shape.Residual.Image + lines * form.Residual.Row;
        call.Bands = count;
        call.Tiles = (isLast ? plan.LastBand : plan.Band).WideTiles;
        (call.ToNextInput, call.ToNextOutput, call.ToRowBelow) = (form.Input.Row, form.Output.Row, form.ToRowBelow);
        functions.Run(isLast, isLastBlock, &call);
    }
}
