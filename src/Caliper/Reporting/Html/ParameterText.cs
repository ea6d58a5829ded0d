using Caliper.Numerics;

namespace Caliper.Reporting.Html;

/// <summary>Scale, zero point and range in short, for one pair or one for each channel.</summary>
internal static class ParameterText
{
    public static string Scale(QuantizationParameters parameters) => parameters.Axis is null
        ? Figures.Real(parameters.Scales[0])
        : $"{Figures.Real(parameters.Scales.DefaultIfEmpty().Min())} to {Figures.Real(parameters.Scales.DefaultIfEmpty().Max())}";

    public static string ZeroPoint(QuantizationParameters parameters)
    {
        if (parameters.HasFloatZeroPoints) return "real";
        var (least, greatest) = (parameters.ZeroPoints.Min(), parameters.ZeroPoints.Max());
        return least == greatest ? FormattableString.Invariant($"{least}") : FormattableString.Invariant($"{least} to {greatest}");
    }

    public static string Range(QuantizationParameters parameters) => $"{Figures.Real(Min(parameters))} to {Figures.Real(Max(parameters))}";

    /// <summary>From the least to the greatest real number.</summary>
    public static double Width(QuantizationParameters parameters) => Max(parameters) - Min(parameters);

    /// <summary>The least real number of any channel.</summary>
    public static double Min(QuantizationParameters parameters) => Enumerable.Range(0, parameters.Channels).Min(c => (double)parameters.RealMin(c));

    /// <summary>The greatest real number of any channel.</summary>
    public static double Max(QuantizationParameters parameters) => Enumerable.Range(0, parameters.Channels).Max(c => (double)parameters.RealMax(c));
}
