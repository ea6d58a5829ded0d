using System.Collections.Immutable;

namespace Caliper.Calibration.Doctor;

/// <summary>
/// Looks at what calibration saw and says what seems wrong with the data, with the names of samples. It needs no data: the
/// statistics are enough. It is silent where it has no strong evidence, so silence is no proof; what no statistics can show
/// is said at each check. The codes of what it finds:
/// <list type="table">
/// <item><term><c>few-samples</c></term><description>Too few different samples for a range to be trusted.</description></item>
/// <item><term><c>duplicate-samples</c>, <c>similar-samples</c></term><description>Copies, and images that are almost copies:
/// they count several times and add nothing.</description></item>
/// <item><term><c>constant-input</c></term><description>Samples that hold one value throughout.</description></item>
/// <item><term><c>input-normalization</c>, <c>raw-levels</c>, <c>input-ignored</c>, <c>channel-order</c></term>
/// <description>The inputs are not scaled, shifted or ordered as those that the network was trained on.</description></item>
/// <item><term><c>range-setters</c></term><description>One to three samples that set the ranges of most tensors.</description></item>
/// <item><term><c>unreached-tensor</c>, <c>non-finite</c></term><description>Tensors without a value, or with NaN or infinity.</description></item>
/// <item><term><c>dead-channels</c></term><description>Channels that never change.</description></item>
/// <item><term><c>bias-overflow</c>, <c>tiny-scale</c></term><description>Scales so small that int8 arithmetic cannot use
/// them.</description></item>
/// </list>
/// </summary>
public static class DataDoctor
{
    /// <summary>Looks at the statistics.</summary>
    /// <param name="fused">The network that was observed.</param>
    /// <param name="statistics">What was observed.</param>
    /// <returns>What seems wrong, the data first, then the inputs, then the tensors in execution order; empty where nothing
    /// does.</returns>
    /// <exception cref="CaliperException">The statistics are of another network.</exception>
    public static ImmutableArray<Diagnostic> Examine(FusedModel fused, CalibrationStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(fused);
        ArgumentNullException.ThrowIfNull(statistics);
        if (!statistics.Fingerprint.AsSpan().SequenceEqual(fused.Fingerprint))
            throw new CaliperException($"The statistics are of another network ({statistics.Model[..12]}…); give the network they were made with.");
        return
        [
            .. SampleCount.Check(statistics),
            .. DuplicateSamples.Check(statistics.Samples),
            .. ConstantInputs.Check(statistics.Samples),
            .. InputNormalization.Check(fused, statistics),
            .. RangeSetters.Check(statistics),
            .. MissingValues.Check(fused, statistics),
            .. DeadChannels.Check(fused, statistics),
            .. IntegerRoom.Check(fused, statistics),
        ];
    }
}
