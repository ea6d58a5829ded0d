namespace Caliper.Kernels.Elementwise;

/// <summary>The constants by which floats become integers, in the order of the table: see <see cref="Dense.StepProducts"/>.</summary>
internal static class TargetConstants
{
    public const int Step = 0;
    public const int High = 1;
    public const int Low = 2;
    public const int Added = 3;
    public const int Exponent = 4;
    public const int LeastFloat = 5;
    public const int GreatestFloat = 6;
    public const int ZeroPoint = 7;

    // 0 in numbers that are less than all normal ones.
    private const uint ExponentBits = 0x7F80_0000;

    /// <summary>The constants of a target.</summary>
    public static uint[] Of(FusedTarget target)
    {
        var steps = target.Steps;
        return [Float(steps.Step), Float(steps.High), Float(steps.Low), Float(Dense.StepProducts.Added), ExponentBits,
            Float(target.Least - steps.ZeroPoint), Float(target.Greatest - steps.ZeroPoint), (uint)steps.ZeroPoint];

        uint Float(float value) => BitConverter.SingleToUInt32Bits(value);
    }
}
