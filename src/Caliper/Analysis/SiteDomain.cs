using Caliper.Numerics;

namespace Caliper.Analysis;

/// <summary>How many values of an int8 tensor lie beyond its range, on new data and on the data that calibrated.</summary>
/// <param name="Layer">The layer that makes the tensor, or the graph input's name.</param>
/// <param name="Value">Its name in the float network; of several that share a range, the one that leaves it most.</param>
/// <param name="Parameters">Scale and zero point: the range.</param>
public sealed record SiteDomain(string Layer, string Value, QuantizationParameters Parameters)
{
    /// <summary>Whether it is an input of the network.</summary>
    public required bool IsInput { get; init; }

    /// <summary>Least value of the new data.</summary>
    public required float Min { get; init; }

    /// <summary>Greatest value of the new data.</summary>
    public required float Max { get; init; }

    /// <summary>Share of the new data's values beyond the range, from 0 to 1.</summary>
    public required double Share { get; init; }

    /// <summary>The same of the data that calibrated; null where it is not known. A range method may clip on purpose.</summary>
    public required double? CalibrationShare { get; init; }

    /// <summary>Signal to noise of the new data's values in this range, in dB.</summary>
    public required double Decibels { get; init; }

    /// <summary>The same of the data that calibrated; null where it is not known.</summary>
    public required double? CalibrationDecibels { get; init; }

    /// <summary>Whether more than chance and one odd sample takes values out of the range.</summary>
    public required bool IsOutside { get; init; }

    /// <summary>Least real value that the range holds.</summary>
    public float RangeMin => (Parameters.Type.Min - Parameters.ZeroPoint) * Parameters.Scale;

    /// <summary>Greatest real value that the range holds.</summary>
    public float RangeMax => (Parameters.Type.Max - Parameters.ZeroPoint) * Parameters.Scale;
}
