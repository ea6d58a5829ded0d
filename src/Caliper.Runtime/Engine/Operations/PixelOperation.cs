using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Pixels;

namespace Caliper.Engine.Operations;

/// <summary>Makes the kernel of a float operator for where its images lie.</summary>
internal delegate PixelKernel PixelKernelMaker(PixelImage input, PixelImage output, FloatBounds bounds, KernelSet set, KernelResources resources);

/// <summary>An operator that runs in float32 on images of whichever size, channels side by side.</summary>
/// <param name="name">The node.</param>
/// <param name="kind">Its operator.</param>
/// <param name="input">N×C×H×W or N×C×W floats.</param>
/// <param name="output">Floats.</param>
/// <param name="multiplyAdds">Of one run.</param>
/// <param name="make">Makes its kernel.</param>
internal sealed class PixelOperation(string name, string kind, EngineValue input, EngineValue output, long multiplyAdds, PixelKernelMaker make)
    : Operation(name, [input], output)
{
    private FloatBounds _bounds;

    /// <summary>The window that reads zeros around its input; null where the kernel minds the edges itself.</summary>
    public ConvolutionGeometry? Padded { get; init; }

    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    public override Border? BorderAround(int index) => Padded?.BorderOf(Inputs[0].Shape, Output.Shape, 0);

    public override bool TryBound(FloatBounds bounds)
    {
        // Only products have somewhere to do that.
        if (multiplyAdds > 0) _bounds = _bounds.Then(bounds);
        return multiplyAdds > 0;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var kernel = make(ImageOf(Inputs[0].Layout), ImageOf(Output.Layout), _bounds, factory.Kernels, factory.Resources);
        return new PixelStep(Place.Of(Inputs[0].Layout), Place.Of(Output.Layout), kernel)
        {
            Name = Name,
            Kind = $"{kind} (float)",
            MultiplyAdds = multiplyAdds,
            BytesTouched = OperandBytes() + kernel.WeightBytes,
        };
    }

    /// <summary>Where the pixels of an image lie.</summary>
    public static PixelImage ImageOf(TensorLayout layout)
    {
        var shape = layout.Shape;
        return new(shape[0], shape[1], shape.Length == 3 ? 1 : shape[2], shape[^1], ConvolutionGeometry.StridesOf(layout));
    }
}
