using Caliper.Assembly;
using Caliper.Kernels.Convolution.Assembled;
using Iced.Intel;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Pixels;

/// <summary>Writes what becomes of sums of floats: they are cut off, and stored.</summary>
internal readonly struct FloatEnd(CodeWriter code, bool hasBounds)
{
    // What the sums leave of the registers; a zero at the end, for of two zeros the bounds may give either.
    private const int Least = EpilogueCode.FirstRegister, Greatest = Least + 1, Zero = Least + 2;

    /// <summary>Loads the bounds, where sums are cut off.</summary>
    public void LoadBounds()
    {
        if (!hasBounds) return;
        code.Load(Least, new Place(EpilogueCode.Constants, FloatBlocks.Least));
        code.Load(Greatest, new Place(EpilogueCode.Constants, FloatBlocks.Greatest));
        code.Clear(Zero);
    }

    /// <summary>Stores those lanes of a sum that the mask names.</summary>
    public void Store(Place to, int sum, Register mask)
    {
        if (hasBounds)
        {
            // What is no number stays none.
            code.GreaterLanes(sum, Least, sum);
            code.LesserLanes(sum, Greatest, sum);
            code.AddLanes(sum, sum, Zero);
        }
        code.StoreLanes(to, sum, mask);
    }
}
