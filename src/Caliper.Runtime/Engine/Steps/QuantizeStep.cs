using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Bytes;
using Caliper.Kernels.Dense;

namespace Caliper.Engine.Steps;

/// <summary>Quantizes an image of up to four planes straight to pixels of three or four bytes.</summary>
internal sealed unsafe class QuantizeStep : Step
{
    /// <summary>So many channels at most are written together with the bytes that fill up their pixel.</summary>
    public const int MostImageChannels = 4;

    private readonly StridedWalk _walk;
    private readonly Place _input;
    private readonly Place _output;
    private readonly StepProducts _steps;
    private readonly KernelEntry<QuantizeKernel> _kernel;
    private readonly (int Channels, long Plane, int PixelBytes) _image;

    public QuantizeStep(TensorLayout input, TensorLayout output, ByteScale scale, KernelSet kernels)
    {
        (_input, _output, _steps) = (Place.Of(input), Place.Of(output), StepProducts.Of(scale));
        _kernel = QuantizeKernels.All.Choose(kernels);
        _image = (output.Shape[1], input.Strides[1] / sizeof(float), (int)output.Strides[^1]);
        // All channels of a pixel are done at once, so the walk is over pixels.
        int[] pixels = [.. output.Shape.Select((l, axis) => axis == 1 ? 1 : l)];
        _walk = StridedWalk.Of(pixels, output.Strides, input.Strides);
    }

    public override string Kernel => _kernel.Name;

    public override int Units => _walk.Count;

    public override IEnumerable<Extent> Extents
    {
        get
        {
            var (read, written) = (_walk.Span(1, sizeof(float)), _walk.Span(0, 1));
            yield return Extent.Reads(_input, read with { High = read.High + (_image.Channels - 1) * _image.Plane * sizeof(float) });
            yield return Extent.Writes(_output, written with { High = written.High + _image.PixelBytes - 1 });
        }
    }

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[2];
        var scale = _steps.Bytes;
        var (channels, plane, pixelBytes) = _image;
        var isRun = _walk.RunStrides[0] == pixelBytes && _walk.RunStrides[1] == sizeof(float);
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var count = _walk.Run(unit, offsets);
            var to = context.At(_output) + offsets[0];
            var from = context.At(_input) + offsets[1];
            if (isRun) _kernel.Run((float*)from, plane, channels, count, to, pixelBytes, _steps);
            else
                for (var i = 0; i < count; i++, to += _walk.RunStrides[0], from += _walk.RunStrides[1])
                    for (var c = 0; c < channels; c++) to[c] = scale.Quantize(((float*)from)[c * plane]);
        }
    }

    /// <summary>Whether bytes of up to four planes lie in pixels that are written whole.</summary>
    public static bool IsImage(TensorLayout input, TensorLayout output)
    {
        var rank = output.Shape.Length;
        var hasPixels = output.Strides[rank - 1] == 4 || (output.Strides[rank - 1] == 3 && output.Shape[1] == 3);
        return rank >= 3 && output.Shape[1] <= MostImageChannels && output.Strides[1] == 1 && hasPixels
            && output.Shape[rank - 1] > 1 && input.Strides[rank - 1] == sizeof(float);
    }
}
