using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Elementwise;

/// <summary>The constants by which floats become integers, in the order of the table: as <see cref="WideSteps"/> has them.</summary>
internal static class TargetConstants
{
    public const int Step = 0;
    public const int Reciprocal = 1;
    public const int LeastFloat = 2;
    public const int GreatestFloat = 3;
    public const int Nothing = 4;
    public const int WithoutSign = 5;
    public const int ZeroPoint = 6;
    public const int Least = 7;
    public const int Greatest = 8;

    /// <summary>Whether the scale is of those that must be divided by.</summary>
    public static bool Divides(FusedTarget target) => !new Divisor(target.Step).HasPlainSteps;

    /// <summary>The constants of a target.</summary>
    public static uint[] Of(FusedTarget target)
    {
        // What is divided is cut off in steps, the rest before it.
        var unit = Divides(target) ? 1 : target.Step;
        return [Float(target.Step), Float(1 / target.Step), Float(-Divisor.MostSteps * unit), Float(Divisor.MostSteps * unit),
            Float(Divisor.LeastSteps * target.Step), 0x7FFF_FFFF, (uint)target.ZeroPoint, (uint)target.Least, (uint)target.Greatest];

        uint Float(float value) => BitConverter.SingleToUInt32Bits(value);
    }
}
