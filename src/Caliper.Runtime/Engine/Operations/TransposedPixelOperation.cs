using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Pixels;

namespace Caliper.Engine.Operations;

/// <summary>A transposed convolution in float32 with constant weights, as <see cref="TransposedConvolutionOperation"/> is one of bytes.</summary>
/// <param name="name">The node.</param>
/// <param name="input">N×C×H×W or N×C×W floats.</param>
/// <param name="output">Floats.</param>
/// <param name="geometry">The window.</param>
/// <param name="weights">Input channel, output channel of the group, window row, window column.</param>
/// <param name="bias">Of each output channel; empty for none.</param>
internal sealed class TransposedPixelOperation(
    string name, EngineValue input, EngineValue output, TransposedGeometry geometry, Tensor weights, float[] bias) : Operation(name, [input], output)
{
    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    public override Step CreateStep(StepFactory factory) => JoinedStep.Of([.. from row in geometry.Rows.Phases()
                                                                             from column in geometry.Columns.Phases()
                                                                             select StepOf(row, column, factory)],
        OperandBytes() + weights.Bytes.Length);

    private PixelStep StepOf(TransposedPhase row, TransposedPhase column, StepFactory factory)
    {
        var from = PixelOperation.ImageOf(Inputs[0].Layout);
        var whole = PixelOperation.ImageOf(Output.Layout);
        var (strides, offset) = geometry.Lattice(whole.Strides, row, column);
        var to = whole with { Height = row.Count, Width = column.Count, Strides = strides };
        // A phase without taps has one outside of the image, where nothing is read, whatever the image holds.
        var window = new Window(row.Taps.Length, column.Taps.Length, 1, 1, row.Dilation, column.Dilation,
            row.IsEmpty ? row.Count : -row.At, column.IsEmpty ? column.Count : -column.At, 0, 0);
        var taps = string.Join(' ', [.. row.Taps, -1, .. column.Taps]);
        var packed = factory.Resources.Model.Once(weights, taps, () => Packed(row, column));
        var layer = new FloatLayer(window, geometry.Groups, (geometry.Inputs, geometry.Outputs), packed, bias);
        // Beyond the edges of a phase lie no zeros: kernels that read those take it where no window goes there.
        PixelKernel kernel = row.StaysWithin(from.Height) && column.StaysWithin(from.Width)
            ? FloatConvolutions.Create(layer, from, to, factory.Kernels, factory.Resources)
            : FloatConvolutions.MindingEdges(layer, from, to, factory.Kernels, factory.Resources);
        return new PixelStep(Place.Of(Inputs[0].Layout), Place.Of(Output.Layout) + offset, kernel)
        {
            Name = Name,
            Kind = geometry.Kind + " (float)",
            MultiplyAdds = (long)to.Images * to.Height * to.Width * packed.Count,
            BytesTouched = OperandBytes() + kernel.WeightBytes,
        };
    }

    /// <summary>Output channel, input channel of the group, taps of both phases.</summary>
    private Tensor Packed(TransposedPhase row, TransposedPhase column)
    {
        var values = weights.Span<float>().ToArray();
        var packed = from output in Enumerable.Range(0, geometry.Outputs)
                     from i in Enumerable.Range(0, geometry.InputsOfGroup)
                     from ky in row.Taps
                     from kx in column.Taps
                     let index = geometry.WeightAt(output, i, ky, kx)
                     select index < 0 ? 0 : values[index];
        float[] all = [.. packed];
        return Tensor.Of(Shape.Of(all.Length), all);
    }
}
