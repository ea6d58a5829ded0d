using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>Where the integers of a type lie about zero: so many steps of a scale below it and so many above.</summary>
internal readonly record struct QuantizedWindow(double Scale, int Below, int Above, double Error)
{
    /// <summary>Steps from the least to the greatest integer.</summary>
    public int Steps => Below + Above;

    /// <summary>The scale that a range gets by the observers' rule.</summary>
    public static double ScaleOf(double min, double max, QuantizedType type, bool symmetric)
    {
        double below = Math.Max(0, -min), above = Math.Max(0, max), steps = (double)type.Max - type.Min;
        return symmetric ? Math.Max(below, above) / (steps / 2) : (below + above) / steps;
    }

    /// <summary>The window with a scale so short that its product with any number of steps is a float: what the rule divides
    /// it by gives it back.</summary>
    public QuantizedWindow WithShortScale()
    {
        var bits = 24 - (32 - int.LeadingZeroCount(Steps));
        var exponent = Math.ILogB(Scale) - (bits - 1);
        return this with { Scale = Math.ScaleB(Math.Round(Math.ScaleB(Scale, -exponent)), exponent) };
    }

    /// <summary>The range from which the observers' rule calculates the window; its scale must be short.</summary>
    public RealRange Range(bool symmetric) => symmetric
        ? ((float)(-Scale * Steps / 2), (float)(Scale * Steps / 2))
        : ((float)(0 - Below * Scale), (float)(Above * Scale));
}
