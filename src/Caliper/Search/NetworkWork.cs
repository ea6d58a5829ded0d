using System.Collections.Frozen;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Preparation;

namespace Caliper.Search;

/// <summary>How much a network computes for one sample: multiply-adds of its linear layers, and elements of its tensors.</summary>
internal sealed class NetworkWork
{
    // As much work as a search may take to measure each source of noise alone; half the network is computed for each.
    private const double Quick = 1e11;

    private const int FewestSamples = 3;

    private readonly Graph _graph;
    private readonly FrozenDictionary<string, long> _products;
    private readonly FrozenDictionary<string, double> _ofNodes;
    private readonly WorkPrices _prices;

    /// <param name="fused">The network.</param>
    /// <param name="sample">A sample, which tells sizes that the network leaves open.</param>
    /// <param name="runtime">Who will run it.</param>
    public NetworkWork(FusedModel fused, IReadOnlyDictionary<string, Tensor> sample, Int8Runtime runtime)
    {
        _prices = WorkPrices.Of(runtime);
        _graph = FedShapes.Of(fused.Model.Graph, sample) ?? fused.Model.Graph;
        _products = fused.Layers.ToFrozenDictionary(l => l.Name, l => ProductCount.Of(_graph, l.Operation) ?? 0, StringComparer.Ordinal);
        Products = _products.Values.Sum();
        Whole = Products + _prices.Byte * fused.Layers.SelectMany(l => l.Outputs).Sum(ElementsOf);
        _ofNodes = fused.Layers.ToFrozenDictionary(
            l => l.Operation.Name, l => _products[l.Name] + _prices.Byte * l.Outputs.Sum(ElementsOf), StringComparer.Ordinal);
    }

    /// <summary>All multiply-adds.</summary>
    public long Products { get; }

    /// <summary>All work, in multiply-adds of 8 bits.</summary>
    public double Whole { get; }

    /// <summary>Whether what is multiplied with more than 8 bits has 16; otherwise it is float, and the weights with it.</summary>
    public bool HasWords => _prices.HasWords;

    /// <summary>Multiply-adds of some layers, as a share of all.</summary>
    public double ShareOf(IEnumerable<string> layers) => Products == 0 ? 0 : (double)layers.Sum(l => _products[l]) / Products;

    /// <summary>What some nodes compute, as a share of all.</summary>
    public double PartOf(IEnumerable<Node> nodes) => Whole == 0 ? 1 : nodes.Sum(n => _ofNodes.GetValueOrDefault(n.Name)) / Whole;

    /// <summary>Of so many samples, those on which so many sources of noise are measured quickly.</summary>
    public int QuicklyRun(int samples, int sources) =>
        (int)Math.Clamp(Quick / (0.5 * Math.Max(1, Whole) * sources), Math.Min(FewestSamples, samples), samples);

    /// <summary>Elements of a value; 0 where its size is not known.</summary>
    public long ElementsOf(string value) => _graph.Find(value)?.Shape is { IsStatic: true } shape ? shape.ElementCount : 0;

    /// <summary>What a layer that only moves values costs more in float: a pool looks at every value of every window.</summary>
    public double Moved(Layer layer) => layer.Operation.Is("MaxPool") && layer.Operation.Ints("kernel_shape") is { } window
        ? _prices.Pooled * window.Aggregate(1L, (taps, length) => taps * length) * ElementsOf(layer.Output) : 0;

    /// <summary>What is added where some elements are float in place of bytes, and multiplied with more than 8 bits.</summary>
    public double Widened(long elements) => _prices.Widened * elements;

    /// <summary>What is added where some elements are float in place of bytes.</summary>
    public double Streamed(long elements) => _prices.Streamed * elements;

    /// <summary>What is added where some layers read more than 8 bits and others multiply float weights.</summary>
    public double Added(IEnumerable<string> wide, IEnumerable<string> floats) =>
        (_prices.Wide - 1) * wide.Sum(l => _products[l]) + (_prices.Float - 1) * floats.Sum(l => _products[l]);
}
