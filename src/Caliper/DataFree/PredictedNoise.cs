using System.Collections.Immutable;
using Caliper.Calibration;
using Caliper.Preparation;
using Caliper.Ranges;
using Caliper.Recovery;

namespace Caliper.DataFree;

/// <summary>
/// Foretells what 8 bits cost at each output of a network, from statistics and weights alone. An error is taken to pass on as the values do that
/// it is part of: what is a share of their variance in one tensor, channels weighted by what they come to at the output, is the same share there.
/// Errors of different tensors are taken to be independent.
/// </summary>
public static class PredictedNoise
{
    /// <summary>What each output is predicted to lose, in the network's order; in place of an output whose rows numbers choose, what the choice
    /// reads.</summary>
    /// <param name="model">The network, with observers that know their ranges.</param>
    /// <param name="statistics">What its values are like, seen or expected.</param>
    /// <returns>Outputs whose values nothing tells are left out.</returns>
    public static ImmutableArray<PredictedOutput> Of(PreparedModel model, CalibrationStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(statistics);
        return [.. RowChoices.Of(model.Fused.Model.Graph).Judged.Select(value => Of(model, statistics, value.Name)).OfType<PredictedOutput>()];
    }

    private static PredictedOutput? Of(PreparedModel model, CalibrationStatistics statistics, string output)
    {
        var (graph, plan) = (model.Fused.Model.Graph, model.Plan);
        var classes = new ChannelClasses(graph);
        var facts = new ChannelFacts(statistics, classes, ImmutableDictionary<string, string>.Empty);
        if (facts.Of(output) is not { } channels) return null;
        var passages = Passages.Of(graph, classes, ImmutableDictionary<string, string>.Empty, _ => true);
        foreach (var passage in passages) passage.Bind(classes);
        var weights = new NoiseWeights(graph, classes, facts, output);
        foreach (var passage in passages.Reverse()) passage.CarryBack(weights);
        double[] undivided = [.. Enumerable.Repeat(1d, classes.Count)];
        var share = model.Observers.Where(o => o.Observer.HasObserved).Sum(o => ShareOf(o, plan, statistics, weights));
        var products = passages.OfType<LinearPassage>().ToDictionary(p => (object)p.Node, ReferenceEqualityComparer.Instance);
        foreach (var layer in plan.Layers.Where(l => l.IsInteger && products.ContainsKey(l.Layer.Operation)))
        {
            var rounded = NoiseModel.Of(products[layer.Layer.Operation], classes, weights).Sum(w => w.Noise(undivided));
            share += ShareOf(rounded, SignalOf(layer.Layer.Output, weights));
        }
        var power = channels.Average(c => (c.Mean * c.Mean) + c.Variance);
        return power > 0 ? new PredictedOutput(output, -10 * Math.Log10(share), Math.Sqrt(share * power)) : null;
    }

    /// <summary>What the rounding of one site comes to. Channels that are smaller than a step lose no more than they are; what is cut off is cut
    /// off the channels that reach beyond the range.</summary>
    private static double ShareOf(ActivationObserver place, QuantizationPlan plan, CalibrationStatistics statistics, NoiseWeights weights)
    {
        var parameters = place.Observer.CalculateQParams();
        var error = QuantizationError.Predict(statistics.Of(place.Site.Observed), parameters);
        var (least, greatest) = (parameters.Scale * ((double)parameters.Type.Min - parameters.ZeroPoint),
            parameters.Scale * ((double)parameters.Type.Max - parameters.ZeroPoint));
        var share = 0d;
        foreach (var value in NoiseModel.Rounded(plan, place.Site))
        {
            var own = weights.Of(value);
            if (weights.Facts.Of(value) is not { } channels || channels.Length != own.Length) continue;
            double[] beyond = [.. channels.Select(c => Math.Pow(Math.Max(0, Math.Max(c.Max - greatest, least - c.Min)), 2))];
            var (all, cut, noise) = (beyond.Sum(), error.ClippingNoise * channels.Length, 0d);
            for (var c = 0; c < own.Length; c++)
            {
                var rounding = Math.Min(error.RoundingNoise, (channels[c].Mean * channels[c].Mean) + channels[c].Variance);
                noise += own[c] * (rounding + (all > 0 ? cut * beyond[c] / all : 0));
            }
            share += ShareOf(noise, SignalOf(value, weights));
        }
        return share;
    }

    /// <summary>A part has at most all of the signal to lose.</summary>
    private static double ShareOf(double noise, double signal) => signal > 0 ? Math.Min(1, noise / signal) : 0;

    /// <summary>What the variance of a value comes to at the output, by the gains that noise has.</summary>
    private static double SignalOf(string value, NoiseWeights weights) =>
        weights.Facts.Of(value) is { } channels && weights.Of(value) is var own && own.Length == channels.Length
            ? own.Zip(channels, (w, c) => w * c.Variance).Sum() : 0;
}

/// <summary>What an output is predicted to lose by 8 bits.</summary>
/// <param name="Output">Its name.</param>
/// <param name="SqnrDecibels">Signal-to-quantization-noise ratio, in dB; +∞ where nothing is rounded on the way.</param>
/// <param name="RootMeanSquareError">The error of a value, in the output's unit.</param>
public sealed record PredictedOutput(string Output, double SqnrDecibels, double RootMeanSquareError);
