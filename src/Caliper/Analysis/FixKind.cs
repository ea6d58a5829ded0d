namespace Caliper.Analysis;

/// <summary>What mends a finding.</summary>
public enum FixKind
{
    /// <summary>Layers stay float: their qconfig is none.</summary>
    KeepFloat,

    /// <summary>A layer gets the qconfig <c>caliper</c>, and a new range from data like those that were compared on.</summary>
    Recalibrate,

    /// <summary>A layer gets the qconfig <c>caliper</c>, which gives each channel of its weights a scale of its own.</summary>
    PerChannelWeights,

    /// <summary>The data are preprocessed as at calibration, or calibration is done again with data preprocessed like this.</summary>
    Preprocess,
}
