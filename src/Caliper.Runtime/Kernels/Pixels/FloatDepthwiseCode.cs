using Caliper.Assembly;
using Caliper.Kernels.Convolution.Assembled;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Pixels;

/// <summary>Depthwise convolution of 16 channels of floats: the sums of some pixels of a row are in registers, and for each tap its weights, with
/// which what the pixels read there is multiplied where it lies.</summary>
internal sealed class FloatDepthwiseCode(CodeWriter code, FloatForm form, WindowWalk walk) : BandCode(code, form)
{
    /// <summary>The most pixels of a tile.</summary>
    public const int MostPixels = EpilogueCode.FirstRegister;

    private const int Weights = MostPixels, Read = Weights + 1;

    protected override void WriteTile(int rows, int columns, BlockLayout layout, EpilogueCode epilogue)
    {
        var mask = epilogue.MaskOf(0);
        Code.Load(0, new Place(EpilogueCode.Block, BlockLayout.Bias(0)));
        for (var pixel = 1; pixel < columns; pixel++) Code.Copy(pixel, 0);
        for (var tap = 0; tap < walk.Quads; tap++)
        {
            Code.Load(Weights, new Place(EpilogueCode.Block, layout.Weights + tap * layout.QuadBytes));
            for (var pixel = 0; pixel < columns; pixel++)
            {
                var from = new Place(TileInput, form.Input.To(0, pixel) + walk.OffsetOf(tap));
                if (mask is Register.None)
                {
                    Code.AddProduct(pixel, Weights, from);
                    continue;
                }
                // Past the last channel may be nothing.
                Code.LoadLanes(Read, from, mask);
                Code.AddProductOf(pixel, Weights, Read);
            }
        }
        var end = new FloatEnd(Code, form.HasBounds);
        end.LoadBounds();
        for (var pixel = 0; pixel < columns; pixel++) end.Store(new Place(TileOutput, form.Output.To(0, pixel)), pixel, mask);
    }
}
