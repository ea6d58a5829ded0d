using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Pixels;

namespace Caliper.Engine.Operations;

/// <summary>Rows of floats times a constant matrix: a 1×1 convolution over one long row of pixels, as <see cref="MatrixOperation"/> is one of
/// bytes.</summary>
/// <param name="name">The node.</param>
/// <param name="input">Floats whose last axis is summed over.</param>
/// <param name="output">Floats whose last axis is the outputs.</param>
/// <param name="weights">Output × input.</param>
/// <param name="bias">What the sums begin with; empty where that is 0.</param>
internal sealed class FloatMatrixOperation(string name, EngineValue input, EngineValue output, Tensor weights, float[] bias)
    : Operation(name, [input], output)
{
    private FloatBounds _bounds;

    public override LayoutNeed Needs => LayoutNeed.Dense;

    public override bool TryBound(FloatBounds bounds)
    {
        _bounds = _bounds.Then(bounds);
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var (inputs, outputs) = (Inputs[0].Shape[^1], Output.Shape[^1]);
        var rows = Inputs[0].Count / inputs;
        var kernel = FloatConvolutions.Create(FloatLayer.OfMatrix(weights, bias) with { Bounds = _bounds }, Rows(inputs), Rows(outputs),
            factory.Kernels, factory.Resources);
        return new PixelStep(Place.Of(Inputs[0].Layout), Place.Of(Output.Layout), kernel)
        {
            Name = Name,
            Kind = $"matrix {inputs}x{outputs} (float)",
            MultiplyAdds = (long)rows * inputs * outputs,
            BytesTouched = OperandBytes() + kernel.WeightBytes,
        };

        PixelImage Rows(int channels)
        {
            var pixel = channels * sizeof(float);
            return new(1, channels, 1, rows, new PlaneStrides(pixel, checked(pixel * rows), (long)pixel * rows));
        }
    }
}
