using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>DFT and STFT as sums of products with cosines and sines: a constant matrix, or a convolution that goes from frame to frame.</summary>
internal static class FourierImport
{
    public static bool Dft(GraphImporter graph, Node node)
    {
        if (!graph.HasFloats(node.Inputs[0])) return false;
        var parts = new Lowering(graph, node);
        var x = graph.ShapeOf(node.Inputs[0]);
        var axisSaid = node.Input(2).Length > 0 ? Only(graph, node, 2) : node.Attributes.ContainsKey("axis") ? node.Int("axis", 0) : (long?)null;
        if (FourierForm.Of(node, Shape.Of([.. x.Select(l => (long)l)]), axisSaid) is not { } form) return false;
        var (axis, isHalf) = (form.Axis, form.IsInverse && form.IsOneSided);
        var length = form.LengthOf(x[axis], node.Input(1).Length > 0 ? Only(graph, node, 1) : null);
        var (results, to) = (form.Results(length), form.Parts);
        var taken = Math.Min(isHalf ? FourierForm.Frequencies(length, true) : length, x[axis]);
        var signal = node.Inputs[0];
        if (taken < x[axis])
            signal = parts.Of("Slice", signal, parts.Numbers(0), parts.Numbers(taken), parts.Numbers(axis));
        // What is added to a signal that is too short is 0: it has no rows.
        long[] order = [.. Enumerable.Range(0, x.Length - 1).Where(a => a != axis).Select(a => (long)a), axis, x.Length - 1];
        long[] others = [.. order.SkipLast(2).Select(a => (long)x[(int)a])];
        var rows = parts.Reshaped(parts.Turned(signal, order), [others.Aggregate(1L, (all, l) => checked(all * l)), taken * x[^1]]);
        var table = new float[parts.TableOf(taken, x[^1], results, to)];
        for (var (row, at) = (0L, 0); row < taken * x[^1]; row++)
        {
            var n = row / x[^1];
            // Each frequency but the first and that of the half is there once for two.
            var share = (isHalf && n > 0 && 2 * n != length ? 2f : 1) / (form.IsInverse ? length : 1);
            for (var column = 0L; column < to * results; column++, at++)
                table[at] = Factor(length, n, column / to, row % x[^1] == 1, column % to == 1, form.IsInverse) * share;
        }
        var product = parts.Of("MatMul", rows, parts.Constant(Tensor.Of(Shape.Of(taken * x[^1], to * results), table)));
        var back = new long[order.Length];
        for (var i = 0; i < order.Length; i++) back[order[i]] = i;
        return parts.End(parts.Part("Transpose", parts.Reshaped(product, [.. others, results, to])).With("perm", back));
    }

    public static bool Stft(GraphImporter graph, Node node)
    {
        if (!graph.HasFloats(node.Inputs[0])) return false;
        var parts = new Lowering(graph, node);
        var (x, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Output));
        var window = node.Input(2).Length == 0 ? null : graph.Constant(node.Inputs[2]) is { Type: ElementType.Float32 } tensor ? tensor
            : throw GraphImporter.Unsupported(node, "its window is not constant float32");
        long? said = node.Input(3).Length > 0 ? Only(graph, node, 3) : null;
        var step = Only(graph, node, 1);
        var (_, length) = FourierForm.FramesOf(node, x[1], step, window?.Count, said);
        if (x[2] is not (1 or 2)) throw NodeFault.Of(node, $"has {x[2]} parts of each number");
        var filters = new float[parts.TableOf(y[2], 2, x[2], length)];
        for (var at = 0; at < filters.Length; at++)
        {
            var (rest, n) = Math.DivRem(at, (int)length);
            (rest, var part) = Math.DivRem(rest, x[2]);
            filters[at] = Factor(length, n, rest / 2, part == 1, rest % 2 == 1, false) * (window?.Span<float>()[n] ?? 1);
        }
        var weights = parts.Constant(Tensor.Of(Shape.Of(2L * y[2], x[2], length), filters));
        var frames = parts.Of(parts.Part("Conv", parts.Turned(node.Inputs[0], 0, 2, 1), weights).With("strides", [step]));
        var turned = parts.Turned(frames, 0, 2, 1);
        return parts.End(parts.Part("Reshape", turned, parts.Numbers([.. y.Select(l => (long)l)])));
    }

    /// <summary>What a part of an element adds to a part of a frequency: of the rotation by −2π·n·k / length, or back.</summary>
    private static float Factor(long length, long n, long k, bool isImaginary, bool toImaginary, bool isInverse)
    {
        var angle = 2 * Math.PI * ((Int128)n * k % length is var turns ? (double)turns / length : 0) * (isInverse ? 1 : -1);
        return (float)((isImaginary, toImaginary) switch
        {
            (false, false) or (true, true) => Math.Cos(angle),
            (false, true) => Math.Sin(angle),
            _ => -Math.Sin(angle),
        });
    }

    private static long Only(GraphImporter graph, Node node, int input) => SliceReading.Numbers(graph, node, null, input) is [var one] ? one
        : throw NodeFault.Of(node, $"does not have one number in '{node.Inputs[input]}'");
}
