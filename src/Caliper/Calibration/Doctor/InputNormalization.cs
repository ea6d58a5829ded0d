using Caliper.Graphs;

namespace Caliper.Calibration.Doctor;

/// <summary>
/// Whether inputs are scaled, shifted and ordered as in training. What a batch norm at the entrance remembers is compared with
/// what was observed (<see cref="EntranceCheck"/>, <see cref="ChannelOrderCheck"/>); of networks without one only gross errors
/// show (<see cref="BareNetworkCheck"/>).
/// </summary>
/// <remarks>
/// Not detectable: a mean or scale that is wrong by less than the data differs from the training data (about one standard
/// deviation of the input, a factor of 2 in scale); with batch norms already folded by the exporter or none, a wrong mean, a
/// scale that is too large unless it is raw levels 0 to 255, one that is too small unless the first layer answers little but
/// its bias (ResNet-20: 4 times is found; SqueezeNet: 60 times is not, 255 times is), and the order of channels; the order
/// also where the data has another tint than the training data, or none; a resize of another kind; errors
/// in some samples only, unless they set ranges. Networks that compute something of the input before their first convolution
/// (a division by 255, say) are not looked at.
/// </remarks>
internal static class InputNormalization
{
    public static IEnumerable<Diagnostic> Check(FusedModel fused, CalibrationStatistics statistics)
    {
        var told = FirstLayer.Of(fused, statistics).ToArray();
        foreach (var first in told)
        {
            if (EntranceCheck.Of(first) is { } wrong) yield return wrong;
            else if (ChannelOrderCheck.Of(first) is { } swapped) yield return swapped;
        }
        foreach (var input in fused.Inputs.Where(i => i.Type == ElementType.Float32 && told.All(t => t.Input != i.Name)))
        {
            if (BareNetworkCheck.Of(fused, statistics, input.Name) is { } wrong) yield return wrong;
        }
    }
}
