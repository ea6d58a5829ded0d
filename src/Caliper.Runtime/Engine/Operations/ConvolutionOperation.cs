using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Operations;

/// <summary>A convolution of bytes with constant weights.</summary>
/// <param name="name">The node.</param>
/// <param name="input">N×C×H×W or N×C×W bytes.</param>
/// <param name="output">Bytes, or the floats or sums that the epilogue gives.</param>
/// <param name="window">Geometry.</param>
/// <param name="groups">Output channels are split into so many groups, each reading its share of the input channels.</param>
/// <param name="weights">Output channel, window row, window column, input channel of the group.</param>
/// <param name="weightZeroPoints">Of each output channel.</param>
/// <param name="bias">Of each output channel, in steps of the sums.</param>
/// <param name="inputZeroPoint">The byte that stands for 0.</param>
/// <param name="epilogue">What happens to the sums.</param>
internal sealed class ConvolutionOperation(
    string name, EngineValue input, EngineValue output, Window window, int groups, sbyte[] weights, int[] weightZeroPoints, int[] bias,
    byte inputZeroPoint, Epilogue epilogue) : Operation(name, [input], output)
{
    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    /// <summary>What happens to the sums.</summary>
    public Epilogue Epilogue { get; set; } = epilogue;

    /// <summary>Whether fewer steps of four bytes read a row of the window when its pixels touch: the row is then one run, whose
    /// end alone is filled up.</summary>
    public bool GainsFromTouchingPixels
    {
        get
        {
            var channels = Inputs[0].Shape[1];
            return groups == 1 && window.DilationX == 1
                && (channels * window.KernelWidth + 3) / 4 < window.KernelWidth * ((channels + 3) / 4);
        }
    }

    public override Border? BorderAround(int index)
    {
        if (index != 0) return null;
        var (height, width) = HeightWidth(Inputs[0].Shape);
        var (outHeight, outWidth) = HeightWidth(Output.Shape);
        // Padding that no window reaches needs no border.
        var bottom = (outHeight - 1) * window.StrideY + (window.KernelHeight - 1) * window.DilationY + 1 - height - window.Top;
        var right = (outWidth - 1) * window.StrideX + (window.KernelWidth - 1) * window.DilationX + 1 - width - window.Left;
        return new Border(window.Top, window.Left, Math.Max(0, bottom), Math.Max(0, right), inputZeroPoint);
    }

    public override bool TryClamp(ByteRange range)
    {
        if (Epilogue.IsWide) return false;
        if (Epilogue.Residual is { } residual)
        {
            var sum = new ByteRange(residual.Low, residual.High).Then(range);
            Epilogue = Epilogue with { Residual = residual with { Low = sum.Low, High = sum.High } };
            return true;
        }
        var own = new ByteRange(Epilogue.Low, Epilogue.High).Then(range);
        Epilogue = Epilogue with { Low = own.Low, High = own.High };
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var kernels = new List<ConvolutionStep.Part>();
        var (inChannels, outChannels) = (Inputs[0].Shape[1], Output.Shape[1]);
        var isDepthwise = groups > 1 && groups == inChannels && groups == outChannels;
        var parts = isDepthwise ? 1 : groups;
        var (perIn, perOut) = (inChannels / parts, outChannels / parts);
        var shape = ShapeOf(perIn, perOut, isDepthwise);
        for (var group = 0; group < parts; group++)
        {
            var layer = Slice(shape, group * perOut, perOut);
            var kernel = ConvolutionKernels.Create(layer, factory.Resources, factory.Kernels);
            kernels.Add(new(kernel, FirstTap() + group * perIn, Place.Of(Output.Layout) + (long)group * perOut * Output.ElementSize,
                Epilogue.Residual is null ? default : Place.Of(Inputs[1].Layout) + group * perOut));
        }
        return new ConvolutionStep([.. kernels])
        {
            Name = Name,
            Kind = Kind(isDepthwise),
            MultiplyAdds = shape.MultiplyAdds * parts,
            BytesTouched = OperandBytes() + weights.Length,
        };
    }

    private string Kind(bool isDepthwise)
    {
        var sizes = $"{window.KernelHeight}x{window.KernelWidth}" + (window is { StrideY: 1, StrideX: 1 } ? "" : $"/{window.StrideY}");
        var what = isDepthwise ? "depthwise " : groups > 1 ? $"conv in {groups} groups " : "conv ";
        return what + sizes + (Epilogue.Residual is null ? "" : " + add");
    }

    private Place FirstTap()
    {
        var strides = StridesOf(Inputs[0].Layout);
        return Place.Of(Inputs[0].Layout) + (-(long)window.Top * strides.Row - (long)window.Left * strides.Pixel);
    }

    private ConvolutionLayer Slice(ConvolutionShape shape, int first, int count)
    {
        var per = shape.ProductsPerOutput;
        return new ConvolutionLayer(Name, shape, weights.AsSpan(first * per, count * per).ToArray(), weightZeroPoints[first..(first + count)],
            bias[first..(first + count)], inputZeroPoint, Epilogue with { Multipliers = Epilogue.Multipliers[first..(first + count)] });
    }

    private ConvolutionShape ShapeOf(int inChannels, int outChannels, bool isDepthwise)
    {
        var (height, width) = HeightWidth(Output.Shape);
        var shape = new ConvolutionShape
        {
            Images = Output.Shape[0],
            OutputHeight = height,
            OutputWidth = width,
            InputChannels = inChannels,
            OutputChannels = outChannels,
            IsDepthwise = isDepthwise,
            KernelHeight = window.KernelHeight,
            KernelWidth = window.KernelWidth,
            StrideY = window.StrideY,
            StrideX = window.StrideX,
            DilationY = window.DilationY,
            DilationX = window.DilationX,
            Input = StridesOf(Inputs[0].Layout),
            Output = StridesOf(Output.Layout),
            Residual = Epilogue.Residual is null ? default : StridesOf(Inputs[1].Layout),
        };
        return PixelRows.Join(shape);
    }

    private static (int Height, int Width) HeightWidth(int[] shape) => shape.Length == 3 ? (1, shape[2]) : (shape[2], shape[3]);

    private static PlaneStrides StridesOf(TensorLayout layout) => layout.Shape.Length == 3
        ? new(checked((int)layout.Strides[2]), checked((int)(layout.Strides[2] * layout.Shape[2])), layout.Strides[0])
        : new(checked((int)layout.Strides[3]), checked((int)layout.Strides[2]), layout.Strides[0]);
}
