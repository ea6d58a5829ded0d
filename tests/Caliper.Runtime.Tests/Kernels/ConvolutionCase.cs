using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;
using Caliper.Testing;
using Caliper.Testing.Simulator;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>A random layer and its tensors, each ending where a page begins that nobody may touch.</summary>
internal sealed unsafe class ConvolutionCase : IDisposable
{
    // What an output byte holds that no kernel has written.
    private const byte Untouched = 0xA5;

    // What assembled code reads past the last channel of a layer that is not depthwise: up to the next multiple of four.
    private const int FewBytes = 3;

    private readonly GuardedMemory<byte> _input;
    private readonly GuardedMemory<byte> _residual;

    /// <summary>Random inputs for a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="seed">Of the inputs.</param>
    /// <param name="readsAhead">Whether as much may be read past the last pixel as a kernel may at most.</param>
    public ConvolutionCase(ConvolutionLayer layer, int seed, bool readsAhead = false)
    {
        Layer = layer;
        var shape = layer.Shape;
        var random = new Random(seed);
        var (rows, columns) = (
            (shape.OutputHeight - 1) * shape.StrideY + (shape.KernelHeight - 1) * shape.DilationY,
            (shape.OutputWidth - 1) * shape.StrideX + (shape.KernelWidth - 1) * shape.DilationX);
        _input = new(Length(shape.Input, shape.Images, rows, columns, shape.InputChannels)
            + (readsAhead || layer.Shape.IsDepthwise ? ConvolutionReach.ReadsAfter : FewBytes));
        random.NextBytes(_input.Span);
        var outputs = Length(shape.Residual, shape.Images, shape.OutputHeight - 1, shape.OutputWidth - 1, shape.OutputChannels);
        _residual = new(layer.Epilogue.Residual is null ? 0 : outputs);
        random.NextBytes(_residual.Span);
    }

    public ConvolutionLayer Layer { get; }

    /// <summary>All inputs, those between channels and rows too.</summary>
    public Span<byte> Inputs => _input.Span;

    private int OutputBytes => Length(Layer.Shape.Output, Layer.Shape.Images, Layer.Shape.OutputHeight - 1, Layer.Shape.OutputWidth - 1,
        Layer.Shape.OutputChannels * (Layer.Epilogue.IsWide ? sizeof(int) : 1));

    /// <summary>What a kernel writes, gaps between pixels included.</summary>
    public byte[] Run(ConvolutionKernel kernel, Func<ConvolutionKernel, IEnumerable<(int, int, int, int)>>? pieces = null,
        Action<ConvolutionOperands>? prepare = null)
    {
        // What a kernel says that it reads of its constants is all that was packed for it.
        Assert.All(kernel.Constants, c => Assert.Equal((c.What, c.Held), (c.What, c.Read)));
        using var output = new GuardedMemory<byte>(OutputBytes);
        using var scratch = new GuardedMemory<byte>((kernel.ScratchBytes + 63) / 64 * 64);
        output.Span.Fill(Untouched);
        fixed (byte* input = _input.Span, to = output.Span, residual = _residual.Span, memory = scratch.Span)
        {
            var operands = new ConvolutionOperands { Input = input, Output = to, Residual = residual, Scratch = memory };
            prepare?.Invoke(operands);
            foreach (var (unitStart, unitEnd, blockStart, blockEnd) in (pieces ?? Whole)(kernel))
                kernel.Run(operands, unitStart, unitEnd, blockStart, blockEnd);
        }
        return output.Span.ToArray();
    }

    /// <summary>What simulated code writes, which may touch nothing but the tensors and what the kernel owns.</summary>
    public byte[] Simulate(SimulatedMachine machine, KernelResources resources, ConvolutionKernel kernel,
        Func<ConvolutionKernel, IEnumerable<(int, int, int, int)>>? pieces = null)
    {
        foreach (var (start, byteCount) in resources.Owned<PackedMemory>().SelectMany(m => m.Allocated))
            machine.Memory.Allow("weights", (void*)start, byteCount);
        foreach (var table in resources.Owned<NativeBuffer>()) machine.Memory.Allow("table", table.Start, table.Length);
        return Run(kernel, pieces, operands =>
        {
            machine.Memory.Allow("input", operands.Input, _input.Span.Length);
            machine.Memory.Allow("residual", operands.Residual, _residual.Span.Length);
            machine.Memory.Allow("output", operands.Output, OutputBytes, isWritable: true);
            machine.Memory.Allow("scratch", operands.Scratch, kernel.ScratchBytes, isWritable: true);
        });
    }

    public void Dispose()
    {
        _input.Dispose();
        _residual.Dispose();
    }

    /// <summary>All of the output at once.</summary>
    public static IEnumerable<(int, int, int, int)> Whole(ConvolutionKernel kernel) => [(0, kernel.Units, 0, kernel.Blocks)];

    /// <summary>Every unit and block alone.</summary>
    public static IEnumerable<(int, int, int, int)> Piecewise(ConvolutionKernel kernel) =>
        from unit in Enumerable.Range(0, kernel.Units)
        from block in Enumerable.Range(0, kernel.Blocks)
        select (unit, unit + 1, block, block + 1);

    private static int Length(PlaneStrides plane, int images, int lastRow, int lastColumn, int channelBytes) =>
        checked((int)((images - 1) * plane.Image + (long)lastRow * plane.Row + (long)lastColumn * plane.Pixel + channelBytes));
}

/// <summary>Random layers.</summary>
internal static class Layers
{
    /// <summary>Layers of up to a few thousand outputs: any window, stride, dilation, gap between pixels and epilogue.</summary>
    public static Gen<ConvolutionLayer> Any(bool depthwise) =>
        from shape in AnyShape(depthwise)
        from epilogue in AnyEpilogue(shape)
        from seed in Gen.Int
        select Filled(WithOutputStrides(shape, epilogue), epilogue, seed);

    /// <summary>Any layer, and any size of tile that a assembled kernel may have for it.</summary>
    public static Gen<(int vectors, bool inHalves, int pixels, ConvolutionLayer layer, int seed)> InTilesOfAnySize =>
        from vectors in Gen.Int[1, 4]
        from inHalves in Gen.Bool
        from pixels in Gen.Int[inHalves ? 2 : 1, TilePlan.MaxPixels(vectors, inHalves)]
        from layer in Any(depthwise: false)
        from seed in Gen.Int
        select (vectors, inHalves, pixels, layer, seed);

    /// <summary>Layers of 3×3 without strides, and any seed.</summary>
    public static Gen<(ConvolutionLayer layer, int seed)> OfWinograd =>
        from images in Gen.Int[1, 2]
        from height in Gen.Int[2, 9]
        from width in Gen.Int[4, 33]
        from inputs in Gen.Int[16, 50]
        from outputs in Gen.Int[16, 50]
        from gap in Gen.OneOf(Gen.Const(0), Gen.Int[0, 7])
        from border in Gen.Int[0, 2]
        let shape = Windows(images, height, width, inputs, outputs, gap, border)
        from epilogue in AnyEpilogue(shape)
        from seed in Gen.Int
        select (Filled(WithOutputStrides(shape, epilogue), epilogue, seed), seed);

    /// <summary>A layer of 3×3 whose weights are all the same.</summary>
    public static ConvolutionLayer OfOnes(int inputs, sbyte weight)
    {
        var epilogue = new Epilogue([.. Enumerable.Repeat(1f, 16)], 0, 0, byte.MaxValue) { GivesSums = true };
        var shape = WithOutputStrides(Windows(1, 4, 6, inputs, 16, gap: 0, border: 0), epilogue);
        var weights = Enumerable.Repeat(weight, 16 * shape.ProductsPerOutput).ToArray();
        return new ConvolutionLayer("layer", shape, new(weights, new int[16]), new int[16], 0, epilogue);
    }

    private static ConvolutionShape Windows(int images, int height, int width, int inputs, int outputs, int gap, int border) => new()
    {
        Images = images,
        OutputHeight = height,
        OutputWidth = width,
        InputChannels = inputs,
        OutputChannels = outputs,
        KernelHeight = 3,
        KernelWidth = 3,
        Input = new PlaneStrides(inputs + gap, (width + 2 + border) * (inputs + gap),
            (long)(height + 2 + border) * (width + 2 + border) * (inputs + gap)),
        Output = new PlaneStrides(outputs + gap, border, 0),
    };

    private static Gen<ConvolutionShape> AnyShape(bool depthwise) =>
        from images in Gen.Int[1, 2]
        from height in Gen.Int[1, 5]
        from width in Gen.OneOf(Gen.Int[1, 8], Gen.Int[1, 33])
        from inputs in Gen.OneOf(Gen.Int[1, 9], Gen.Int[1, 70])
        from outputs in Gen.OneOf(Gen.Int[1, 20], Gen.Int[1, 150])
        from window in Gen.Select(Gen.Int[1, 6], Gen.Int[1, 5])
        from pointwise in Gen.Bool
        from stride in Gen.Select(Gen.Int[1, 2], Gen.Int[1, 3])
        from dilation in Gen.Select(Gen.Int[1, 2], Gen.Int[1, 2])
        from gap in Gen.OneOf(Gen.Const(0), Gen.Int[0, 7])
        from border in Gen.Int[0, 2]
        let channels = depthwise ? outputs : inputs
        let kernel = pointwise && !depthwise ? (1, 1) : window
        let steps = pointwise ? (1, 1) : stride
        let pixel = channels + gap
        let row = ((width - 1) * steps.Item2 + (kernel.Item2 - 1) * dilation.Item2 + 1 + border) * pixel
        let rows = (height - 1) * steps.Item1 + (kernel.Item1 - 1) * dilation.Item1 + 1 + border
        select new ConvolutionShape
        {
            Images = images,
            OutputHeight = height,
            OutputWidth = width,
            InputChannels = channels,
            OutputChannels = outputs,
            IsDepthwise = depthwise,
            KernelHeight = kernel.Item1,
            KernelWidth = kernel.Item2,
            StrideY = steps.Item1,
            StrideX = steps.Item2,
            DilationY = dilation.Item1,
            DilationX = dilation.Item2,
            Input = new PlaneStrides(pixel, row, (long)row * rows),
            Output = new PlaneStrides(outputs + gap, border, 0),
        };

    private static ConvolutionShape WithOutputStrides(ConvolutionShape shape, Epilogue epilogue)
    {
        var (gap, border) = (shape.Output.Pixel - shape.OutputChannels, shape.Output.Row);
        var plane = Plane(shape.Output.Pixel);
        return shape with
        {
            Residual = plane,
            Output = epilogue.IsWide ? Plane(sizeof(int) * (shape.OutputChannels + gap)) : plane,
        };

        PlaneStrides Plane(int pixel)
        {
            var row = (shape.OutputWidth + border) * pixel;
            return new PlaneStrides(pixel, row, (long)row * (shape.OutputHeight + border));
        }
    }

    private static Gen<Epilogue> AnyEpilogue(ConvolutionShape shape) =>
        from scale in Gen.OneOf(Gen.Float[1e-5f, 0.01f], Gen.Float[0.001f, 3f], Gen.Const(1e9f))
        from spread in Gen.Float[0.5f, 2].Array[shape.OutputChannels]
        from zeroPoint in Gen.OneOf(Gen.Const((byte)0), Gen.Byte)
        from range in Gen.OneOf(Gen.Const((0, 255)), Gen.Select(Gen.Int[0, 120], Gen.Int[130, 255]))
        from result in Gen.Frequency((4, Gen.Const(EngineType.Byte)), (1, Gen.Const(EngineType.Float)), (1, Gen.Const(EngineType.Int32)))
        from residual in Gen.Frequency((1, Gen.Bool.Select(_ => (Residual?)null)), (1, AnyResidual.Select(r => (Residual?)r)))
        select new Epilogue([.. spread.Select(s => s * scale)], zeroPoint, (byte)range.Item1, (byte)range.Item2)
        {
            GivesFloat = result is EngineType.Float,
            GivesSums = result is EngineType.Int32,
            Residual = result is EngineType.Byte ? residual : null,
        };

    private static Gen<Residual> AnyResidual =>
        from ratios in Gen.Select(Gen.Float[0.01f, 3], Gen.Float[0.01f, 3])
        from offset in Gen.Float[-300, 300]
        from range in Gen.OneOf(Gen.Const((0, 255)), Gen.Select(Gen.Int[0, 120], Gen.Int[130, 255]))
        from inner in Gen.Bool
        select new Residual(ratios.Item1, ratios.Item2, offset, (byte)range.Item1, (byte)range.Item2) { OwnIsInner = inner };

    private static ConvolutionLayer Filled(ConvolutionShape shape, Epilogue epilogue, int seed)
    {
        var random = new Random(seed);
        var weights = new sbyte[shape.OutputChannels * shape.ProductsPerOutput];
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()));
        var bias = new int[shape.OutputChannels];
        for (var i = 0; i < bias.Length; i++) bias[i] = random.Next(-20000, 20000);
        return new ConvolutionLayer("layer", shape, new(weights, new int[shape.OutputChannels]), bias, (byte)random.Next(256), epilogue);
    }
}
