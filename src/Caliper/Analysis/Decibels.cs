namespace Caliper.Analysis;

/// <summary>Signal to noise.</summary>
internal static class Decibels
{
    /// <summary><c>10·log10(signal / noise)</c>; infinite without noise.</summary>
    public static double Of(double signal, double noise) => noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise);
}
