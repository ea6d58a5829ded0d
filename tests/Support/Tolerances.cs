namespace Caliper.Testing;

/// <summary>Every tolerance that a test allows, with its reason. Integer results have none: they are compared for
/// equality.</summary>
internal static class Tolerances
{
    /// <summary>Scales and ranges against PyTorch's, in units in the last place: both sides print and parse one
    /// float32.</summary>
    public const int ObserverUlps = 1;

    /// <summary>Steps that a value may move by being quantized: half of one, and what float32 loses.</summary>
    public const float HalfStep = 0.5001f;

    /// <summary>Number of values in a histogram, relative: sixteenths of sixteenths of counts, kept in float32.</summary>
    public const double HistogramMass = 1e-5;
}
