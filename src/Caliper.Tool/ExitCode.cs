namespace Caliper.Tool;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Ok = 0;

    /// <summary>The work failed; stderr says why in one line.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>The work was done, but the model misses the accuracy that was asked for.</summary>
    public const int QualityGateMissed = 3;

    /// <summary>Interrupted by Ctrl+C, as shells number it.</summary>
    public const int Interrupted = 130;
}
