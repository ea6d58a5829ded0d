using Caliper.Kernels;
using Caliper.Kernels.Words;

namespace Caliper.Benchmarks.Layers;

/// <summary>One layer with random weights whose input and output are words of 16 bits.</summary>
internal sealed unsafe class WordRun : IDisposable
{
    private readonly KernelResources _resources = new();
    private readonly NativeBuffer[] _tensors;
    private readonly NativeBuffer _scratch;
    private readonly WordConvolution _kernel;

    public WordRun(NetworkLayer description)
    {
        var layer = LayerRun.Layer(description with { HasResidual = false });
        var (shape, outputs) = (layer.Shape, layer.Shape.OutputChannels);
        long input = shape.Input.Image + 64, output = shape.Output.Image;
        _tensors = [.. new[] { input, input, output, output }.Select(length => new NativeBuffer(length))];
        new Random(1).NextBytes(_tensors[0].Span<byte>());
        new Random(2).NextBytes(_tensors[1].Span<byte>());
        var epilogue = new WordEpilogue(WordResult.Words, layer.Epilogue.Multipliers, new float[outputs], 30_000, 0, ushort.MaxValue);
        _kernel = WordConvolutions.Create(new WordLayer(layer.Name, shape with { Residual = default }, shape.Output, layer.Weights,
            33_000, epilogue), _resources, KernelSet.Auto);
        _scratch = new NativeBuffer(_kernel.ScratchBytes);
    }

    /// <summary>What the kernel calls itself.</summary>
    public string Name => _kernel.Name;

    public void Run() => _kernel.Run(new WordOperands
    {
        Input = _tensors[0].Start,
        LowInput = _tensors[1].Start,
        Output = _tensors[2].Start,
        LowOutput = _tensors[3].Start,
        Scratch = _scratch.Start,
    }, 0, _kernel.Units, 0, _kernel.Blocks);

    public void Dispose()
    {
        _resources.Dispose();
        _scratch.Dispose();
        foreach (var tensor in _tensors) tensor.Dispose();
    }
}
