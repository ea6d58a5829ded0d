using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.DataFree;

/// <summary>
/// The expected law of each value of a network: what batch norms tell, carried on by the operations after them (M. Nagel et al., "Data-Free
/// Quantization Through Weight Equalization and Bias Correction", 2019). Values are taken to be logistic where a batch norm returns them,
/// branches to be independent, and what a pool sees at once to be alike.
/// </summary>
internal sealed class ExpectedLaws
{
    /// <summary>Products without a batch norm of their own that are followed: as many as a squeeze-and-excitation has. Beyond it too much would
    /// be supposed.</summary>
    public const int MostSupposed = 2;

    private readonly Graph _graph;
    private readonly Dictionary<string, ChannelLaw> _laws = new(StringComparer.Ordinal);

    private ExpectedLaws(Graph graph) => _graph = graph;

    /// <summary>The laws of a network's values, by name; those that nothing tells are absent.</summary>
    /// <param name="model">The network.</param>
    /// <param name="inputs">What is known of its inputs.</param>
    public static IReadOnlyDictionary<string, ChannelLaw> Of(FusedModel model, InputValues inputs)
    {
        var laws = new ExpectedLaws(model.Model.Graph);
        foreach (var input in model.Model.Graph.Inputs.Where(i => i.Type == ElementType.Float32))
            laws.Tell(input.Name, inputs.LawFor(input.Name, laws.PlaceOf(input.Name)?.Channels ?? 1), null, model);
        foreach (var node in model.Model.Graph.Nodes)
        {
            foreach (var (output, index) in node.Outputs.Select((o, i) => (o, i)).Where(o => o.o.Length > 0))
                laws.Tell(output, laws.Carried(node, index), node, model);
        }
        return laws._laws;
    }

    /// <summary>The law of a product: the mean is exact; the variance is that of independent channels, whose neighbouring values are independent or
    /// equal, whichever gives more.</summary>
    internal static ChannelLaw OfProduct(Node node, LinearWeights weights, ChannelLaw input)
    {
        var (count, own) = (weights.OutputChannels, weights.InputsPerOutput);
        var (mean, variance) = (new double[count], new double[count]);
        double[][] sums = [.. Enumerable.Range(0, count).Select(_ => new double[own])];
        // Where a transposed convolution strides, each output sees a part of the kernel.
        var share = OperatorCatalogue.ProductOf(node) is ProductKind.TransposedConvolution && node.Ints("strides") is { } strides
            ? 1.0 / strides.Aggregate(1L, (all, s) => all * s) : 1;
        weights.Visit((o, i, w) =>
        {
            sums[o][i % own] += w * share;
            variance[o] += share * w * w * input.Moments[i].Variance;
        });
        var first = (int output) => output / (count / (weights.InputChannels / own)) * own;
        for (var o = 0; o < count; o++)
        {
            var equal = 0d;
            for (var i = 0; i < own; i++)
            {
                var moments = input.Moments[first(o) + i];
                mean[o] += sums[o][i] * moments.Mean;
                equal += sums[o][i] * sums[o][i] * moments.Variance;
            }
            mean[o] += weights.Bias?[o] ?? 0;
            variance[o] = Math.Max(variance[o], equal);
        }
        return ChannelLaw.Of(mean, [.. variance.Select(Math.Sqrt)], input.Supposed + 1);
    }

    /// <summary>What a batch norm tells counts; what is carried there gives the shape.</summary>
    private void Tell(string value, ChannelLaw? carried, Node? node, FusedModel model)
    {
        if (model.Expected.GetValueOrDefault(value) is { } told && PlaceOf(value)?.Channels == told.Mean.Length)
        {
            var isAnew = carried is null || node is null || OperatorCatalogue.ProductOf(node) is not null || node.Is("BatchNormalization");
            _laws[value] = isAnew ? ChannelLaw.Of(told.Mean, told.Deviation) : carried!.MovedTo(told.Mean, told.Deviation);
        }
        else if (carried is { Supposed: <= MostSupposed }) _laws[value] = carried;
    }

    private ChannelLaw? Carried(Node node, int output)
    {
        if (LinearWeights.Of(_graph, node) is { } weights)
            return LawOf(node.Inputs[0]) is { } read && read.Channels == weights.InputChannels ? OfProduct(node, weights, read) : null;
        string[] computed = [.. node.Inputs.Where(i => i.Length > 0 && _graph.Constant(i) is null)];
        if (computed.Length == 0 || computed.Any(c => LawOf(c) is null)) return null;
        var first = computed[0];
        if (PlaceOf(first) is { } place && computed.Length == 1
            && PointwiseFunctions.Of(_graph, node, node.Inputs.IndexOf(first), place) is { } function) return LawOf(first)!.Through(function);
        return computed.Length == 2 ? OfTwo(node, LawOf(first)!, LawOf(computed[1])!) ?? MovedLaws.Of(_graph, node, output, LawOf)
            : MovedLaws.Of(_graph, node, output, LawOf);
    }

    private static ChannelLaw? OfTwo(Node node, ChannelLaw one, ChannelLaw other)
    {
        if (one.Channels != other.Channels) return null;
        var isSame = ReferenceEquals(one.Origin, other.Origin);
        return node.OpType switch
        {
            "Add" => isSame ? one.With(other, (a, b) => a + b) : ChannelLaw.Sum(one, other),
            "Sub" => isSame ? one.With(other, (a, b) => a - b) : ChannelLaw.Sum(one, other.Through((_, x) => -x)),
            "Mul" => isSame ? one.With(other, (a, b) => a * b) : ChannelLaw.Product(one, other),
            _ => null,
        };
    }

    private ChannelLaw? LawOf(string value) => _laws.GetValueOrDefault(value);

    private (int Rank, int Axis, int Channels)? PlaceOf(string value) => MovedLaws.PlaceOf(_graph, value);
}
