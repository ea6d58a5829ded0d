using Caliper.Assembly;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// Writes the addition fused into a convolution: its own sums are requantized but stay floats, the other operand's bytes
/// are spread to the lanes in which the sums of the same channels lie, and two fused multiply-adds give the sum, in the order
/// that <see cref="Residual"/> states.
/// </summary>
/// <param name="code">Where to write.</param>
/// <param name="form">What the layer needs.</param>
/// <param name="layout">Which channel lies in which lane.</param>
/// <param name="isPartial">Only the bytes in the mask <see cref="EpilogueCode.Existing"/> exist.</param>
internal sealed class ResidualCode(CodeWriter code, EpilogueForm form, BlockLayout layout, bool isPartial)
{
    private const int Offset = EpilogueCode.FirstRegister + 1, Bytes = Offset + 1, Other = Offset + 2;

    /// <summary>Loads what <see cref="Add"/> expects in a register.</summary>
    public void LoadRegisters() => code.Load(Offset, At(LayerConstants.Offset));

    /// <summary>Turns the sums of one pixel into rounded int32, zero point included.</summary>
    /// <param name="first">The register of the pixel's first sums.</param>
    /// <param name="place">Where the other operand's pixel lies.</param>
    public void Add(int first, Place place)
    {
        LoadBytes(place);
        for (var vector = 0; vector < layout.Vectors; vector++)
        {
            var own = first + vector;
            RequantizeToFloat(own, new Place(EpilogueCode.Block, layout.Multipliers(vector)));
            SpreadBytes(vector);
            code.ToFloat(Other);
            if (form.OwnIsInner)
            {
                code.MultiplyAdd(own, At(LayerConstants.OwnRatio), Offset);
                code.AddProduct(own, Other, At(LayerConstants.OtherRatio));
            }
            else
            {
                code.MultiplyAdd(Other, At(LayerConstants.OtherRatio), Offset);
                code.MultiplyAdd(own, At(LayerConstants.OwnRatio), Other);
            }
            code.ToInteger(own);
        }
    }

    private void RequantizeToFloat(int sum, Place multipliers)
    {
        code.ToFloat(sum);
        code.Multiply(sum, multipliers);
        code.FloatsAtLeast(sum, At(LayerConstants.LowFloats));
        code.FloatsAtMost(sum, At(LayerConstants.HighFloats));
        code.Round(sum);
        if (form.HasZeroPoint) code.AddFloats(sum, At(LayerConstants.ZeroPointFloats));
    }

    // Bytes of the pixel, so that each quarter holds the channels that it holds in the sums: 16, 12, 8 or 4 of them.
    private void LoadBytes(Place place)
    {
        switch (layout.Vectors)
        {
            case 4:
                Load(64);
                break;
            case 3:
                code.LoadMasked(Bytes, place, isPartial ? EpilogueCode.Existing : EpilogueCode.First48);
                code.Load(Other, code.Constant(LaneOrders.ThreeToQuarter));
                code.Permute(Bytes, Other);
                break;
            case 2:
                Load(32);
                code.WidenToWords(Bytes, Bytes);
                break;
            default:
                Load(16);
                break;
        }

        void Load(int byteCount)
        {
            if (isPartial) code.LoadMasked(Bytes, place, EpilogueCode.Existing);
            else code.LoadFirst(Bytes, place, byteCount);
        }
    }

    private void SpreadBytes(int vector)
    {
        if (layout.Vectors == 1) code.WidenToLanes(Other, Bytes);
        else code.Shuffle(Other, Bytes, code.Constant(LaneOrders.ElementsToLanes(4 * vector, layout.Vectors == 2 ? 2 : 1)));
    }

    private static Place At(int constant) => new(EpilogueCode.Constants, 64 * constant);
}
