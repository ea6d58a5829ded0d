using System.Collections.Frozen;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Preparation;

namespace Caliper.Search;

/// <summary>How much a network computes for one sample: multiply-adds of its linear layers, and elements of its tensors.</summary>
internal sealed class NetworkWork
{
    // Times in the engine, in those of one multiply-add of 8 bits (200 in a nanosecond), from SqueezeNet's layers on a Xeon with AVX-512 VNNI.
    // An element of a float tensor, with its rounding to 16 bits, takes 0.6 ns more than one of bytes, which takes a fifth of that;
    private const double PerElement = 120, PerByte = 25;

    // without that rounding, between functions that are there anyway, a third;
    private const double PerStreamed = 40;

    // a multiply-add of floats 0.14 ns;
    private const double PerFloat = 28;

    // and a value in a window of a float pool a nanosecond, with the tensor's way into another order and back.
    private const double PerPooled = 300;

    // As much work as a search may take to measure each source of noise alone; half the network is computed for each.
    private const double Quick = 1e11;

    private const int FewestSamples = 4;

    private readonly Graph _graph;
    private readonly FrozenDictionary<string, long> _products;

    /// <param name="fused">The network.</param>
    /// <param name="sample">A sample, which tells sizes that the network leaves open.</param>
    public NetworkWork(FusedModel fused, IReadOnlyDictionary<string, Tensor> sample)
    {
        _graph = FedShapes.Of(fused.Model.Graph, sample) ?? fused.Model.Graph;
        _products = fused.Layers.ToFrozenDictionary(l => l.Name, l => ProductCount.Of(_graph, l.Operation) ?? 0, StringComparer.Ordinal);
        Products = _products.Values.Sum();
        Whole = Products + PerByte * fused.Layers.SelectMany(l => l.Outputs).Sum(ElementsOf);
    }

    /// <summary>All multiply-adds.</summary>
    public long Products { get; }

    /// <summary>All work, in multiply-adds of 8 bits.</summary>
    public double Whole { get; }

    /// <summary>Multiply-adds of some layers, as a share of all.</summary>
    public double ShareOf(IEnumerable<string> layers) => Products == 0 ? 0 : (double)layers.Sum(l => _products[l]) / Products;

    /// <summary>Of so many samples, those on which so many sources of noise are measured quickly.</summary>
    public int QuicklyRun(int samples, int sources) =>
        (int)Math.Clamp(Quick / (0.5 * Math.Max(1, Whole) * sources), Math.Min(FewestSamples, samples), samples);

    /// <summary>Elements of a value; 0 where its size is not known.</summary>
    public long ElementsOf(string value) => _graph.Find(value)?.Shape is { IsStatic: true } shape ? shape.ElementCount : 0;

    /// <summary>What a layer that only moves values costs more in float: a pool looks at every value of every window.</summary>
    public double Moved(Layer layer) => layer.Operation.Is("MaxPool") && layer.Operation.Ints("kernel_shape") is { } window
        ? PerPooled * window.Aggregate(1L, (taps, length) => taps * length) * ElementsOf(layer.Output) : 0;

    /// <summary>What is added where some elements are float in place of bytes, and rounded to 16 bits for a product.</summary>
    public double Widened(long elements) => PerElement * elements;

    /// <summary>What is added where some elements are float in place of bytes.</summary>
    public double Streamed(long elements) => PerStreamed * elements;

    /// <summary>What is added where some layers read 16 bits and others multiply floats.</summary>
    public double Added(IEnumerable<string> wide, IEnumerable<string> floats) =>
        wide.Sum(l => _products[l]) + (PerFloat - 1) * floats.Sum(l => _products[l]);
}
