namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>
/// The order in which one output pixel reads its inputs, 64 bytes at a time: window rows, window columns, channels. Where that takes
/// fewer steps, the columns of a row are one run, with what lies between their channels: seven columns of three channels are 21 bytes, or
/// 27 where a pixel takes four.
/// </summary>
internal sealed class StepWalk
{
    /// <summary>Bytes of a step: a row of a tile.</summary>
    public const int StepBytes = 64;

    private readonly ConvolutionShape _shape;
    private readonly int _tapBytes;
    private readonly int _stepsPerRun;
    private readonly int _runsPerRow;

    public StepWalk(ConvolutionShape shape)
    {
        _shape = shape;
        _tapBytes = shape.DilationX * shape.Input.Pixel;
        var rowBytes = (shape.KernelWidth - 1L) * _tapBytes + shape.InputChannels;
        var (stepsOfTap, stepsOfRow) = ((shape.InputChannels + StepBytes - 1) / StepBytes, (rowBytes + StepBytes - 1) / StepBytes);
        (_runsPerRow, _stepsPerRun) = stepsOfRow < (long)shape.KernelWidth * stepsOfTap ? (1, (int)stepsOfRow) : (shape.KernelWidth, stepsOfTap);
        Offsets = [.. from row in Enumerable.Range(0, shape.KernelHeight)
                      from run in Enumerable.Range(0, _runsPerRow)
                      from step in Enumerable.Range(0, _stepsPerRun)
                      select (long)row * shape.DilationY * shape.Input.Row + (long)run * _tapBytes + step * StepBytes];
    }

    /// <summary>Where each step reads, in bytes from a pixel's first tap. The last step of a run reads beyond it, by less than 64 bytes,
    /// and multiplies with zeros there.</summary>
    public IReadOnlyList<long> Offsets { get; }

    /// <summary>How many steps there are.</summary>
    public int Steps => Offsets.Count;

    /// <summary>Where the weight that meets a byte of a step lies among an output channel's weights (window row, window column,
    /// channel), or -1 where it is none.</summary>
    public int WeightAt(int step, int byteOfStep)
    {
        var (run, stepOfRun) = Math.DivRem(step, _stepsPerRun);
        var (row, column) = Math.DivRem(run, _runsPerRow);
        var channel = StepBytes * stepOfRun + byteOfStep;
        if (_runsPerRow == 1 && _tapBytes > 0) (column, channel) = Math.DivRem(channel, _tapBytes);
        return column < _shape.KernelWidth && channel < _shape.InputChannels
            ? (row * _shape.KernelWidth + column) * _shape.InputChannels + channel : -1;
    }
}
