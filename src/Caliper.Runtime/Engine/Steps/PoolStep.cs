using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Steps;

/// <summary>MaxPool or AveragePool over NHWC bytes; a unit is an output row of an image. Taps beyond the image do not
/// count, so that no border is needed.</summary>
internal sealed unsafe class PoolStep(TensorLayout input, TensorLayout output, Window window, KernelEntry<MaxPoolKernel>? max,
    KernelEntry<AveragePoolKernel>? average, AverageFactors factors, bool countsPads) : Step
{
    private readonly Place _input = Place.Of(input);
    private readonly Place _output = Place.Of(output);
    private readonly AverageFactors _factors = factors;
    private readonly (long First, int Count, int CountWithPads)[] _columns = [.. Enumerable.Range(0, HeightWidth(output.Shape).Width).Select(x =>
        Range(x, window.StrideX, window.Left, window.KernelWidth, window.DilationX, HeightWidth(input.Shape).Width, window.Right))];
    private readonly (int Height, int Width) _in = HeightWidth(input.Shape);
    private readonly (int Height, int Width) _out = HeightWidth(output.Shape);

    public override string Kernel => max?.Name ?? average!.Name;

    public override int Units => output.Shape[0] * _out.Height;

    // Taps are cut off at the edges of the image; channels lie side by side at both ends.
    public override IEnumerable<Extent> Extents =>
    [
        Extent.Reads(_input, Image(input, output.Shape[0], _in, output.Shape[1])),
        Extent.Writes(_output, Image(output, output.Shape[0], _out, output.Shape[1])),
    ];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var (pixelIn, pixelOut) = (input.Strides[^1], output.Strides[^1]);
        var (rowIn, rowOut) = input.Shape.Length == 3 ? (0, 0) : (input.Strides[2], output.Strides[2]);
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (image, y) = Math.DivRem(unit, _out.Height);
            var (first, rows, allRows) = Range(y, window.StrideY, window.Top, window.KernelHeight, window.DilationY, _in.Height, window.Bottom);
            var from = context.At(_input) + image * input.Strides[0] + first * rowIn;
            var to = context.At(_output) + image * output.Strides[0] + y * rowOut;
            for (var x = 0; x < _out.Width; x++, to += pixelOut)
            {
                var (start, columns, allColumns) = _columns[x];
                var taps = new Taps((nint)(from + start * pixelIn), rows, columns, rowIn * window.DilationY, pixelIn * window.DilationX);
                if (max is not null) max.Run(taps, to, output.Shape[1]);
                else average!.Run(taps, countsPads ? allRows * allColumns : rows * columns, to, output.Shape[1], _factors);
            }
        }
    }

    /// <summary>First tap inside the image, number of taps inside, and number of taps inside or in the padding.</summary>
    private static (long First, int Count, int CountWithPads) Range(int at, int stride, int before, int kernel, int dilation, int length, int after)
    {
        var start = at * stride - before;
        var skipped = start < 0 ? (-start + dilation - 1) / dilation : 0;
        var end = Math.Min(kernel, start >= length ? 0 : (length - 1 - start) / dilation + 1);
        var padded = Math.Min(kernel, (length + after - 1 - start) / dilation + 1);
        return (start + (long)skipped * dilation, Math.Max(0, end - skipped), padded);
    }

    private static ByteSpan Image(TensorLayout layout, int images, (int Height, int Width) plane, int channels) => ByteSpan.Of(channels,
        (images, layout.Strides[0]), (plane.Height, layout.Shape.Length == 3 ? 0 : layout.Strides[2]), (plane.Width, layout.Strides[^1]));

    private static (int Height, int Width) HeightWidth(int[] shape) => shape.Length == 3 ? (1, shape[2]) : (shape[2], shape[3]);
}
