using Caliper.Assembly;
using Caliper.Kernels.Convolution.Assembled;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Words;

/// <summary>
/// Convolution of words whose sums never leave the registers: those of the upper bytes first, which are then multiplied by 256, and on top of
/// them those of the lower bytes. Sums wrap on the way; the whole one fits 32 bits. A lane is a channel from beginning to end.
/// </summary>
internal sealed class WordCode(CodeWriter code, WordForm form, KernelWalk walk) : ConvolutionCode(code, form, walk)
{
    // From the upper byte of an input, and of an output, to its lower one: a convolution of words adds no residual.
    private const Register ToLowInput = BandResidual, ToLowOutput = TileResidual;

    // Nothing is counted when results are written.
    private const Register LowOutput = Register.RBX;

    // What the sums leave of the registers.
    private const int Multipliers = EpilogueCode.FirstRegister, Addends = Multipliers + 1;

    protected override void Prepare(Band band, BlockLayout layout)
    {
        Code.Load(ToLowInput, BandCall.At(BandCall.ToLowInputOffset));
        Code.Load(ToLowOutput, BandCall.At(BandCall.ToLowOutputOffset));
        // It may take the register of the call.
        base.Prepare(band, layout);
    }

    protected override void WriteTile(int rows, int columns, BlockLayout layout, EpilogueCode epilogue)
    {
        var tile = TileOf(rows, columns, layout);
        for (var sum = tile.Sums; sum < tile.Weights; sum++) Code.Clear(sum);
        Code.Copy(Input, TileInput);
        WriteProducts(tile);
        for (var sum = tile.Sums; sum < tile.Weights; sum++)
        {
            Code.RaiseByByte(sum);
            Code.AddIntegers(sum, new Place(EpilogueCode.Block, BlockLayout.Bias((sum - tile.Sums) % layout.Vectors)));
        }
        Code.Copy(Input, TileInput);
        Code.Add(Input, ToLowInput);
        WriteProducts(tile);
        Finish(tile, epilogue, rows, columns);
    }

    /// <summary>As <see cref="WordEpilogue"/> says.</summary>
    protected override void Finish(Tile tile, EpilogueCode epilogue, int rows, int columns)
    {
        var outputs = PixelsAt(TileOutput, Form.Output, rows, columns);
        var lowOutputs = PixelsAt(LowOutput, Form.Output, rows, columns);
        if (form.Result is WordResult.Words)
        {
            Code.Copy(LowOutput, TileOutput);
            Code.Add(LowOutput, ToLowOutput);
        }
        for (var vector = 0; vector <= epilogue.LastVector; vector++)
        {
            Code.Load(Multipliers, new Place(EpilogueCode.Block, tile.Layout.Multipliers(vector)));
            Code.Load(Addends, At(WordConstants.Offsets(vector)));
            for (var pixel = 0; pixel < tile.Pixels.Length; pixel++)
            {
                var sum = tile.Sum(pixel, vector);
                Code.ToFloat(sum);
                Code.MultiplyThenAdd(sum, Multipliers, Addends);
                Store(sum, vector, outputs[pixel], lowOutputs[pixel], epilogue.MaskOf(vector));
            }
        }
    }

    private void Store(int real, int vector, Place output, Place lowOutput, Register mask)
    {
        if (form.Result is WordResult.Floats)
        {
            Code.StoreLanes(output + 64 * vector, real, mask);
            return;
        }
        Code.FloatsAtLeast(real, At(WordConstants.Least));
        Code.FloatsAtMost(real, At(WordConstants.Greatest));
        Code.ToInteger(real);
        Code.AddIntegers(real, At(WordConstants.ZeroPoint));
        if (form.Result is WordResult.Words)
        {
            Code.StoreLowBytes(lowOutput + 16 * vector, real, mask);
            Code.DropLowByte(real, real);
        }
        Code.StoreLowBytes(output + 16 * vector, real, mask);
    }

    private static Place At(int constant) => new(EpilogueCode.Constants, constant);
}
