using System.Collections.Immutable;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Recovery;

/// <summary>
/// What one output of a linear layer is a weighted sum of: a row of a matrix, or the patch of an image under a convolution's kernel
/// (im2col). A group of a convolution has patches of its own, so that a depthwise one has one small patch a channel.
/// </summary>
internal sealed class PatchReader : IPatchSource
{
    private readonly Node _node;
    private readonly SlidingWindow? _window;

    private PatchReader(Node node, SlidingWindow? window, int groups, int taps, int tapsPerChannel)
    {
        (_node, _window, Groups, Taps, TapsPerChannel) = (node, window, groups, taps, tapsPerChannel);
    }

    /// <summary>Groups whose outputs look at channels of their own; 1 for a matrix.</summary>
    public int Groups { get; }

    /// <summary>Length of a patch: channel after channel, as weights are stored.</summary>
    public int Taps { get; }

    /// <summary>How many of them belong to one input channel.</summary>
    public int TapsPerChannel { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Values => [_node.Inputs[0]];

    /// <summary>Layers with the same key see the same patches.</summary>
    public string Key => _window is not { } w ? FormattableString.Invariant($"{_node.Inputs[0]}|{Taps}")
        : $"{_node.Inputs[0]}|{Groups}|{Taps}|{Join(w.Kernel)}|{Join(w.Strides)}|{Join(w.Dilations)}|{Join(w.Pads)}|{w.AutoPad}";

    /// <summary>The reader for what an LSTM, GRU or RNN is given at its steps; null where that is constant.</summary>
    public static PatchReader? OfSteps(Graph graph, Node node) => graph.Constant(node.Inputs[0]) is null
        ? new(node, null, 1, (int)graph.Constant(node.Inputs[1])!.Shape[2].Length, 1) : null;

    /// <summary>The reader for a Conv along one or two axes, a Gemm or a MatMul with constant weights; null for others.</summary>
    public static PatchReader? Of(Graph graph, Node node)
    {
        if (graph.Constant(node.Input(1)) is not { Type: ElementType.Float32 } weights || weights.Count == 0) return null;
        var shape = weights.Shape;
        var kind = OperatorCatalogue.ProductOf(node);
        if (kind is ProductKind.MatMul or ProductKind.Gemm)
        {
            var isPlain = shape.Rank == 2 && node.Int("transA", 0) == 0;
            return isPlain ? new(node, null, 1, (int)shape[1 - OutputAxis.Of(node, shape)].Length, 1) : null;
        }
        if (kind is not ProductKind.Convolution || shape.Rank is not (3 or 4)) return null;
        var kernel = SlidingWindow.KernelOf(node, [.. shape.Dimensions.Skip(2)]);
        var taps = (int)kernel.Aggregate(1L, (product, length) => product * length);
        return new(node, SlidingWindow.Of(node, kernel), (int)node.Int("group", 1), (int)shape[1].Length * taps, taps);
    }

    /// <inheritdoc/>
    public Patches Of(Func<string, Tensor> read)
    {
        var input = read(_node.Inputs[0]);
        if (input.Type != ElementType.Float32 || input.Count == 0) return default;
        if (_window is null) return input.Shape[-1].Length == Taps ? new Patches(input, Taps, input.Count / Taps) : default;
        var fits = input.Shape.Rank == _window.Kernel.Length + 2 && input.Shape[1].Length * TapsPerChannel == (long)Taps * Groups;
        return fits ? new Patches(input, Taps / TapsPerChannel, Axis(input, -2), Axis(input, -1)) : default;
    }

    private static string Join(ImmutableArray<long> numbers) => string.Join(',', numbers);

    /// <summary>A spatial axis, counted from the end. A convolution along one axis is one along two whose first has the length 1.</summary>
    private PatchAxis Axis(Tensor input, int fromEnd)
    {
        var axis = _window!.Kernel.Length + fromEnd;
        if (axis < 0) return new(1, 1, 1, 1, 1, 0);
        var length = input.Shape[fromEnd].Length;
        var output = _window.Slide(_node, axis, length, ceil: false).Length;
        return new((int)length, (int)output, (int)_window.Kernel[axis], (int)_window.Strides[axis], (int)_window.Dilations[axis],
            (int)_window.PadsOf(axis, length, output).Before);
    }
}
