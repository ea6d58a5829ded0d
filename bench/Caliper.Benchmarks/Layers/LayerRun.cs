using Caliper.Kernels;
using Caliper.Kernels.Convolution;

namespace Caliper.Benchmarks.Layers;

/// <summary>One layer with random weights and its tensors, ready to run.</summary>
internal sealed unsafe class LayerRun : IDisposable
{
    private readonly KernelResources _resources = new();
    private readonly NativeBuffer _input;
    private readonly NativeBuffer _output;
    private readonly NativeBuffer _residual;
    private readonly NativeBuffer _scratch;
    private readonly ConvolutionKernel _kernel;

    public LayerRun(NetworkLayer description, Func<ConvolutionLayer, KernelResources, ConvolutionKernel> create)
    {
        var layer = Layer(description);
        var shape = layer.Shape;
        _input = new NativeBuffer(shape.Input.Image + 64);
        _output = new NativeBuffer(shape.Output.Image);
        _residual = new NativeBuffer(shape.Residual.Image);
        new Random(1).NextBytes(_input.Span<byte>());
        _kernel = create(layer, _resources);
        _scratch = new NativeBuffer(_kernel.ScratchBytes);
    }

    /// <summary>What the kernel calls itself.</summary>
    public string Name => _kernel.Name;

    public void Run()
    {
        var operands = new ConvolutionOperands
        {
            Input = _input.Start,
            Output = _output.Start,
            Residual = _residual.Start,
            Scratch = _scratch.Start,
        };
        _kernel.Run(operands, 0, _kernel.Units, 0, _kernel.Blocks);
    }

    /// <summary>The fastest of many runs, in seconds.</summary>
    public double FastestSeconds(double budgetSeconds) => Fastest.Seconds(Run, budgetSeconds);

    public void Dispose()
    {
        _resources.Dispose();
        _input.Dispose();
        _output.Dispose();
        _residual.Dispose();
        _scratch.Dispose();
    }

    /// <summary>A layer with random weights; pixels of the input have a border where the window needs one.</summary>
    public static ConvolutionLayer Layer(NetworkLayer layer)
    {
        var random = new Random(1);
        var pixel = (layer.Inputs + 3) / 4 * 4;
        var border = layer.Kernel - 1;
        var row = ((layer.Size - 1) * layer.Stride + 1 + border) * pixel;
        var output = new PlaneStrides(layer.Outputs, layer.Size * layer.Outputs, (long)layer.Size * layer.Size * layer.Outputs);
        var shape = new ConvolutionShape
        {
            Images = 1,
            OutputHeight = layer.Size,
            OutputWidth = layer.Size,
            InputChannels = layer.Inputs,
            OutputChannels = layer.Outputs,
            IsDepthwise = layer.IsDepthwise,
            KernelHeight = layer.Kernel,
            KernelWidth = layer.Kernel,
            StrideY = layer.Stride,
            StrideX = layer.Stride,
            Input = new PlaneStrides(pixel, row, row * (((layer.Size - 1L) * layer.Stride) + 1 + border)),
            Output = output,
            Residual = output,
        };
        var weights = new sbyte[layer.Outputs * shape.ProductsPerOutput];
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()));
        var residual = new Residual(0.6f, 0.7f, 11, 0, 255);
        var multiplier = 1f / (127 * MathF.Sqrt(shape.ProductsPerOutput));
        var epilogue = new Epilogue([.. Enumerable.Repeat(multiplier, layer.Outputs)], layer.HasResidual ? (byte)120 : (byte)0, 0, 255)
        {
            Residual = layer.HasResidual ? residual : null,
        };
        return new ConvolutionLayer(layer.ToString(), shape, new(weights, new int[layer.Outputs]), new int[layer.Outputs], 128, epilogue);
    }
}
