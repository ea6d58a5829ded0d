using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Operations;

/// <summary>A transposed convolution of bytes with constant weights: convolutions of stride 1, each of which writes every so-manieth pixel.</summary>
/// <param name="name">The node.</param>
/// <param name="input">N×C×H×W or N×C×W bytes.</param>
/// <param name="output">Bytes, or the floats that the epilogue gives.</param>
/// <param name="geometry">The window.</param>
/// <param name="weights">Input channel, output channel of the group, window row, window column.</param>
/// <param name="bias">Of each output channel, in steps of the sums.</param>
/// <param name="inputZeroPoint">The byte that stands for 0.</param>
/// <param name="epilogue">What happens to the sums.</param>
internal sealed class TransposedConvolutionOperation(
    string name, EngineValue input, EngineValue output, TransposedGeometry geometry, LayerWeights weights, int[] bias,
    byte inputZeroPoint, Epilogue epilogue) : Operation(name, [input], output)
{
    private Epilogue _epilogue = epilogue;

    public override LayoutNeed Needs => LayoutNeed.ChannelsLast;

    public override Border? BorderAround(int index) => geometry.Border(inputZeroPoint);

    public override bool ReadsAfter(int index) => true;

    public override bool TryClamp(ByteRange range)
    {
        if (_epilogue.Within(range) is not { } clamped) return false;
        _epilogue = clamped;
        return true;
    }

    public override Step CreateStep(StepFactory factory)
    {
        var areTouching = ConvolutionGeometry.StridesOf(Output.Layout).Pixel == geometry.Outputs * Output.ElementSize;
        Step[] parts = [.. from row in geometry.Rows.Phases()
                           from columns in geometry.ColumnParts(areTouching)
                           select StepOf(row, columns, factory)];
        return JoinedStep.Of(parts, OperandBytes() + weights.Length);
    }

    private ConvolutionStep StepOf(TransposedPhase row, TransposedPhase[] columns, StepFactory factory)
    {
        var shape = ShapeOf(row, columns);
        var (from, to) = (ConvolutionGeometry.StridesOf(Inputs[0].Layout), ConvolutionGeometry.StridesOf(Output.Layout));
        var input = Place.Of(Inputs[0].Layout) + ((long)row.At * from.Row + (long)columns[0].At * from.Pixel);
        var output = Place.Of(Output.Layout) + geometry.Lattice(to, row, columns[0]).Offset;
        var (parts, perOut) = geometry.IsDepthwise ? (1, geometry.Outputs) : (geometry.Groups, geometry.OutputsOfGroup);
        var kernels = Enumerable.Range(0, parts).Select(group => new ConvolutionStep.Part(
            ConvolutionKernels.Create(LayerOf(shape, row, columns, group * perOut, perOut, factory), factory.Resources, factory.Kernels),
            input + group * geometry.InputsOfGroup, output + (long)group * perOut * Output.ElementSize, default));
        return new ConvolutionStep([.. kernels])
        {
            Name = Name,
            Kind = geometry.Kind,
            MultiplyAdds = shape.MultiplyAdds * parts,
            BytesTouched = OperandBytes() + weights.Length,
        };
    }

    private ConvolutionShape ShapeOf(TransposedPhase row, TransposedPhase[] columns)
    {
        var perIn = geometry.IsDepthwise ? geometry.Inputs : geometry.InputsOfGroup;
        var perOut = geometry.IsDepthwise ? geometry.Outputs : geometry.OutputsOfGroup * columns.Length;
        return PixelRows.Join(new ConvolutionShape
        {
            Images = Output.Shape[0],
            OutputHeight = row.Count,
            OutputWidth = columns[0].Count,
            InputChannels = perIn,
            OutputChannels = perOut,
            IsDepthwise = geometry.IsDepthwise,
            KernelHeight = row.Taps.Length,
            KernelWidth = columns[0].Taps.Length,
            DilationY = row.Dilation,
            DilationX = columns[0].Dilation,
            Input = ConvolutionGeometry.StridesOf(Inputs[0].Layout),
            Output = geometry.Lattice(ConvolutionGeometry.StridesOf(Output.Layout), row, columns[0]).Strides,
        });
    }

    /// <summary>What the kernel of some output channels is made for; the channels of a second phase follow those of the first.</summary>
    private ConvolutionLayer LayerOf(
        ConvolutionShape shape, TransposedPhase row, TransposedPhase[] columns, int first, int count, StepFactory factory)
    {
        var form = string.Join(' ', [first, count, .. row.Taps, -1, .. columns.SelectMany(c => c.Taps.Append(-1))]);
        var packed = factory.Resources.Model.Once(weights, form, () => WeightsOf(shape, row, columns, first, count));
        return new ConvolutionLayer(Name, shape, packed, Repeated(bias), inputZeroPoint,
            _epilogue with { Multipliers = Repeated(_epilogue.Multipliers) });

        T[] Repeated<T>(T[] ofOutputs) => [.. columns.SelectMany(_ => ofOutputs[first..(first + count)])];
    }

    private LayerWeights WeightsOf(ConvolutionShape shape, TransposedPhase row, TransposedPhase[] columns, int first, int count)
    {
        var (inputs, values, zeroPoints) = (geometry.InputsOfGroup, weights.Values, weights.ZeroPoints);
        var packed = new sbyte[(long)columns.Length * count * shape.ProductsPerOutput];
        var at = 0;
        foreach (var column in columns)
        {
            for (var output = first; output < first + count; output++)
            {
                foreach (var ky in row.Taps)
                {
                    foreach (var kx in column.Taps)
                    {
                        for (var i = 0; i < inputs; i++)
                        {
                            var index = geometry.WeightAt(output, i, ky, kx);
                            packed[at++] = index < 0 ? (sbyte)zeroPoints[output] : values[index];
                        }
                    }
                }
            }
        }
        return new(packed, [.. columns.SelectMany(_ => zeroPoints[first..(first + count)])]);
    }
}
