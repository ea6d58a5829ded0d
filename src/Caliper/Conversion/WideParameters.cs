using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Ranges;
using Caliper.Statistics;

namespace Caliper.Conversion;

/// <summary>
/// Scale and zero point of an activation that has 16 bits. There is room for all that was seen, so that nothing has to be cut off: the
/// range is from the observed minimum to the maximum, whatever the observer would choose for 8 bits; and twice that, because other data
/// than that which calibrated reaches further, where one bit of 16 is a small price.
/// </summary>
internal static class WideParameters
{
    private const float Margin = 2;

    /// <summary>The parameters that an observer's statistics give.</summary>
    /// <param name="place">Where it observes, for messages.</param>
    /// <param name="observer">It has observed.</param>
    public static QuantizationParameters Of(string place, Observer observer)
    {
        var narrow = PreparedModel.ParametersOf(place, observer);
        var (low, high) = (narrow.Scale * (narrow.Type.Min - narrow.ZeroPoint), narrow.Scale * (narrow.Type.Max - narrow.ZeroPoint));
        // An observer without a range, of fixed parameters say, tells it by those.
        var seen = observer is { Mins: [var min], Maxs: [var max] } ? new RealRange(min, max) : new RealRange(low, high);
        var room = new RealRange(Wider(seen.Min), Wider(seen.Max));
        return new RangeRule(QuantizedType.QUInt16, QuantizationScheme.PerTensorAffine, RangeRule.LeastScale).Calculate(room);
    }

    private static float Wider(float end) => float.IsFinite(Margin * end) ? Margin * end : end;
}
