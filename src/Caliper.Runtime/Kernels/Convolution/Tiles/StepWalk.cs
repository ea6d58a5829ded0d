namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>
/// The order in which one output pixel reads its inputs, 64 bytes at a time: window rows, window columns, channels. Columns whose
/// bytes follow each other are one run, so that three channels of seven columns are 21 bytes of one step.
/// </summary>
internal sealed class StepWalk
{
    /// <summary>Bytes of a step: a row of a tile.</summary>
    public const int StepBytes = 64;

    private readonly int _runLength;
    private readonly int _stepsPerRun;

    public StepWalk(ConvolutionShape shape)
    {
        var rowIsOneRun = shape.Input.Pixel == shape.InputChannels && shape.DilationX == 1;
        (_runLength, var runsPerRow) = rowIsOneRun
            ? (shape.InputChannels * shape.KernelWidth, 1)
            : (shape.InputChannels, shape.KernelWidth);
        _stepsPerRun = (_runLength + StepBytes - 1) / StepBytes;
        Offsets = [.. from row in Enumerable.Range(0, shape.KernelHeight)
                      from run in Enumerable.Range(0, runsPerRow)
                      from step in Enumerable.Range(0, _stepsPerRun)
                      select (long)row * shape.DilationY * shape.Input.Row + (long)run * shape.DilationX * shape.Input.Pixel + step * StepBytes];
    }

    /// <summary>Where each step reads, in bytes from a pixel's first tap. The last step of a run reads behind it, by less than 64 bytes,
    /// and multiplies with zeros there.</summary>
    public IReadOnlyList<long> Offsets { get; }

    /// <summary>How many steps there are.</summary>
    public int Steps => Offsets.Count;

    /// <summary>Where the weight that meets a byte of a step lies among an output channel's weights (window row, window column,
    /// channel), or -1 where it is none.</summary>
    public int WeightAt(int step, int byteOfStep)
    {
        var (run, stepOfRun) = Math.DivRem(step, _stepsPerRun);
        var byteOfRun = StepBytes * stepOfRun + byteOfStep;
        return byteOfRun < _runLength ? run * _runLength + byteOfRun : -1;
    }
}
