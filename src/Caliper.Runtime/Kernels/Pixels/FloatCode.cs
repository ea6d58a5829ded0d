using Caliper.Kernels.Convolution.Assembled;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Pixels;

/// <summary>
/// Convolution of floats, as <see cref="ConvolutionCode"/> is one of bytes: where that has four bytes of four channels in a lane, there is one
/// float of one channel. A sum begins with the bias and takes one product after the other, fused.
/// </summary>
internal sealed class FloatCode(CodeWriter code, FloatForm form, KernelWalk walk) : ConvolutionCode(code, form, walk)
{
    protected override void MultiplyAccumulate(int sums, int input, int weights) => Code.AddProductOf(sums, input, weights);

    protected override void Finish(Tile tile, EpilogueCode epilogue, int rows, int columns)
    {
        var end = new FloatEnd(Code, form.HasBounds);
        var outputs = PixelsAt(TileOutput, Form.Output, rows, columns);
        end.LoadBounds();
        for (var pixel = 0; pixel < outputs.Length; pixel++)
            for (var vector = 0; vector <= epilogue.LastVector; vector++)
                end.Store(outputs[pixel] + 64 * vector, tile.Sum(pixel, vector), epilogue.MaskOf(vector));
    }
}
