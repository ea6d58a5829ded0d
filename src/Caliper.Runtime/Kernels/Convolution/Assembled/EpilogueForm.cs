namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>Which instructions the epilogue of a layer needs; the numbers themselves are in its <see cref="LayerConstants"/>.</summary>
/// <param name="GivesFloat">Floats are stored, not bytes.</param>
/// <param name="GivesSums">The sums are stored as they are.</param>
/// <param name="HasZeroPoint">The output's zero point is not 0.</param>
/// <param name="MayOverflow">A product of a sum and its multiplier may leave int32, so that it is clamped before it is
/// converted.</param>
/// <param name="ClampsBelow">The least byte is not 0, which packing gives by itself.</param>
/// <param name="ClampsAbove">The greatest byte is not 255.</param>
/// <param name="HasResidual">Another tensor is added.</param>
/// <param name="OwnIsInner">In that addition the convolution's own byte comes first.</param>
internal readonly record struct EpilogueForm(
    bool GivesFloat, bool GivesSums, bool HasZeroPoint, bool MayOverflow, bool ClampsBelow, bool ClampsAbove, bool HasResidual, bool OwnIsInner)
{
    // Sums are int32. Products with a multiplier below this stay within ±2³⁰.
    private const float SafeMultiplier = 0.5f;

    // Bytes times ratios below this, and the offset that belongs to them, stay far below 2³¹.
    private const float SafeRatio = 1e6f;

    /// <summary>Whether what is stored takes four bytes.</summary>
    public bool IsWide => GivesFloat || GivesSums;

    /// <summary>What a layer's epilogue needs, or null where its numbers are beyond what the code takes.</summary>
    public static EpilogueForm? Of(Epilogue epilogue)
    {
        var largest = 0f;
        foreach (var multiplier in epilogue.Multipliers)
        {
            if (!float.IsFinite(multiplier)) return null;
            largest = Math.Max(largest, Math.Abs(multiplier));
        }
        var residual = epilogue.Residual;
        if (residual is not null && !(Math.Abs(residual.OwnRatio) < SafeRatio && Math.Abs(residual.OtherRatio) < SafeRatio
            && Math.Abs(residual.Offset) < 1000 * SafeRatio)) return null;
        return new EpilogueForm(
            epilogue.GivesFloat, epilogue.GivesSums, epilogue.ZeroPoint != 0, largest >= SafeMultiplier,
            (residual?.Low ?? epilogue.Low) > 0, (residual?.High ?? epilogue.High) < 255,
            residual is not null, residual is { OwnIsInner: true });
    }
}
