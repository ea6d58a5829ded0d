using System.Globalization;
using Caliper.Calibration;
using Caliper.Graphs;
using Caliper.Statistics;

namespace Caliper.DataFree;

/// <summary>
/// Calibration without data: what batch norms kept of the training data tells how the values of a network are distributed, and statistics of
/// values so distributed take the place of those of values that were seen. As M. Nagel et al., "Data-Free Quantization Through Weight
/// Equalization and Bias Correction", 2019. Nothing is random: the same network gives the same statistics.
/// <code>
/// var prepared  = model.Fuse().Prepare(QConfig.Default);
/// var equalized = RecipeSearch.Equalized(prepared, DataFreeCalibration.Of(prepared)) ?? prepared;
/// equalized.Load(DataFreeCalibration.Of(equalized));
/// var quantized = equalized.Convert();
/// </code>
/// </summary>
public static class DataFreeCalibration
{
    /// <summary>Values of each channel that stand for its distribution: the outermost are 5.3 standard deviations away.</summary>
    private const int ValuesPerChannel = 8192;

    /// <summary>Elements of a channel that a sample has at most, and those it is taken to have where no shape tells: 7 by 7.</summary>
    private const int MostPositions = 4096, UnknownPositions = 49;

    /// <summary>Samples at most, for values of few elements.</summary>
    private const int MostSamples = 2048;

    /// <summary>The statistics that a network's values are expected to have, for <see cref="PreparedModel.Load"/>.</summary>
    /// <param name="model">The network.</param>
    /// <param name="inputs">What is known of its inputs; null for <see cref="InputValues.Normalized"/>.</param>
    /// <param name="allowUnknown">Whether values of which nothing tells are left out, as if they had never been seen, instead of being an
    /// error.</param>
    /// <exception cref="CaliperException">Nothing tells the range of a value that becomes int8, as in networks without batch norms; the message
    /// names the first.</exception>
    public static CalibrationStatistics Of(PreparedModel model, InputValues? inputs = null, bool allowUnknown = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        var laws = ExpectedLaws.Of(model.Fused, inputs ?? InputValues.Normalized);
        var unknown = model.Observers.FirstOrDefault(o => !o.Observer.HasObserved && o.Site.Observed.Any(v => !laws.ContainsKey(v)));
        if (unknown is not null && !allowUnknown)
            throw Untold(model.Fused, unknown.Site.Name, unknown.Site.Observed.First(v => !laws.ContainsKey(v)));
        var scan = new SampleScan();
        var graph = model.Fused.Model.Graph;
        return new CalibrationStatistics(model.Fused.Fingerprint, ObservableValues.Of(model.Fused).Select(v => KeyValuePair.Create(v.Name,
            laws.TryGetValue(v.Name, out var law) ? StatisticsOf(law, v.ChannelAxis, graph.Find(v.Name)?.Shape, scan)
                : new ObservedTensor(v.ChannelAxis, new(), new()))), []);
    }

    /// <summary>The quantiles of each channel, spread over samples of as many elements as one has.</summary>
    private static ObservedTensor StatisticsOf(ChannelLaw law, int? axis, Shape? shape, SampleScan scan)
    {
        var positions = PositionsOf(axis, shape);
        // Even, so that both halves have as many.
        var samples = Math.Min(MostSamples, (ValuesPerChannel + (2 * positions) - 1) / (2 * positions) * 2);
        var quantiles = LogisticDistribution.Quantiles(samples * positions);
        var layout = axis is null ? new ChannelLayout(1, 1, law.Channels * positions) : new ChannelLayout(1, law.Channels, positions);
        TensorStatistics[] halves = [new(), new()];
        var values = new float[law.Channels * positions];
        for (var s = 0; s < samples; s++)
        {
            for (var c = 0; c < law.Channels; c++)
                for (var i = 0; i < positions; i++) values[(c * positions) + i] = (float)law.At(c, quantiles[(i * samples) + s]);
            halves[s % 2].Observe(scan, values, layout, string.Create(CultureInfo.InvariantCulture, $"expected {s + 1}"));
        }
        return new ObservedTensor(axis, halves[0], halves[1]);
    }

    private static int PositionsOf(int? axis, Shape? shape)
    {
        if (shape is not { } known || axis is not { } channels) return UnknownPositions;
        var elements = 1L;
        for (var i = 1; i < known.Rank; i++)
        {
            if (i == channels) continue;
            if (!known[i].IsKnown) return UnknownPositions;
            elements *= known[i].Length;
        }
        return (int)Math.Clamp(elements, 1, MostPositions);
    }

    private static CaliperException Untold(FusedModel model, string site, string value)
    {
        var maker = model.Model.Graph.ProducerOf(value) is { } node ? $", which a {node.OpType} returns" : "";
        var why = model.Expected.IsEmpty ? "the network has no batch norm that was trained, or whoever exported it folded them away"
            : "no batch norm is near enough before it to tell what it was in training";
        return new CaliperException($"Without data nothing tells the range of '{value}'{maker}, for the layer '{site}': {why}. "
            + "Calibrate with data, or allow unobserved layers to stay float (--allow-unobserved).");
    }
}
