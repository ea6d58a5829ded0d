using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>The geometry that convolutions and pools share, along their spatial axes.</summary>
/// <param name="Kernel">Length of the window.</param>
/// <param name="Strides">How far it moves.</param>
/// <param name="Dilations">Distance of the elements it looks at.</param>
/// <param name="Pads">Elements added: before each axis, then after each axis.</param>
/// <param name="AutoPad"><c>NOTSET</c>, <c>VALID</c>, <c>SAME_UPPER</c> or <c>SAME_LOWER</c>.</param>
internal sealed record SlidingWindow(
    ImmutableArray<long> Kernel,
    ImmutableArray<long> Strides,
    ImmutableArray<long> Dilations,
    ImmutableArray<long> Pads,
    string AutoPad)
{
    /// <summary>Reads the attributes of a node.</summary>
    /// <exception cref="CaliperException">They have too few numbers, too many, or senseless ones.</exception>
    public static SlidingWindow Of(Node node, ImmutableArray<long> kernel)
    {
        var axes = kernel.Length;
        var window = new SlidingWindow(kernel, Numbers(node, "strides", axes, 1), Numbers(node, "dilations", axes, 1),
            Numbers(node, "pads", 2 * axes, 0), node.Text("auto_pad", "NOTSET") is { Length: > 0 } said ? said : "NOTSET");
        if (window.Kernel.Concat(window.Strides).Concat(window.Dilations).Any(n => n < 1))
            throw NodeFault.Of(node, "has a kernel size, stride or dilation that is not positive");
        return window.AutoPad is "NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER" ? window
            : throw NodeFault.Of(node, $"has an auto_pad of '{window.AutoPad}'");
    }

    /// <summary>The kernel as the weights have it; the attribute, where there is one, must say the same.</summary>
    public static ImmutableArray<long> KernelOf(Node node, ImmutableArray<Dimension> weights)
    {
        if (node.Ints("kernel_shape") is not { } said) return [.. weights.Select(d => d.Length)];
        return said.Length == weights.Length && weights.Zip(said).All(p => !p.First.IsKnown || p.First.Length == p.Second) ? said
            : throw NodeFault.Of(node, $"says its kernel is {string.Join('×', said)}, but its weights have {string.Join('×', weights)}");
    }

    /// <summary>An attribute of one number for each of <paramref name="count"/> axes.</summary>
    public static ImmutableArray<long> Numbers(Node node, string attribute, int count, long whenAbsent)
    {
        var numbers = node.Ints(attribute) ?? [.. Enumerable.Repeat(whenAbsent, count)];
        return numbers.Length == count ? numbers
            : throw NodeFault.Of(node, $"has {numbers.Length} numbers in '{attribute}', but needs {count}");
    }

    /// <summary>Elements that are added before and after a spatial axis, auto_pad worked out.</summary>
    public (long Before, long After) PadsOf(int axis, long input, long output)
    {
        if (AutoPad == "NOTSET") return (Pads[axis], Pads[axis + Kernel.Length]);
        if (AutoPad == "VALID") return (0, 0);
        var total = Math.Max(0, checked((output - 1) * Strides[axis] + Reach(axis) - input));
        var before = AutoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
        return (before, total - before);
    }

    /// <summary>Length of the output of a convolution or pool along a spatial axis.</summary>
    public Dimension Slide(Node node, int axis, Dimension input, bool ceil)
    {
        if (!input.IsKnown) return IsIdentity(axis) ? input : Dimension.Unknown;
        checked
        {
            var stride = Strides[axis];
            if (AutoPad is "SAME_UPPER" or "SAME_LOWER") return (input.Length + stride - 1) / stride;
            var (padBefore, padAfter) = AutoPad == "VALID" ? (0, 0) : (Pads[axis], Pads[axis + Kernel.Length]);
            var padded = input.Length + padBefore + padAfter;
            var room = padded - Reach(axis);
            if (room < 0) throw NodeFault.Of(node, $"has a window of {Reach(axis)} on an axis of {padded}, padding included");
            if (!ceil) return room / stride + 1;
            var output = (room + stride - 1) / stride + 1;
            // A last window that would lie wholly in the padding after the data is left out.
            return (output - 1) * stride >= input.Length + padBefore ? output - 1 : output;
        }
    }

    /// <summary>Length of the output of a transposed convolution along a spatial axis.</summary>
    public Dimension SlideBack(int axis, Dimension input, long outputPadding)
    {
        if (!input.IsKnown) return Dimension.Unknown;
        checked
        {
            if (AutoPad is "SAME_UPPER" or "SAME_LOWER") return input.Length * Strides[axis];
            var pads = AutoPad == "VALID" ? 0 : Pads[axis] + Pads[axis + Kernel.Length];
            return Math.Max(0, Strides[axis] * (input.Length - 1) + outputPadding + Reach(axis) - pads);
        }
    }

    /// <summary>Elements that a transposed convolution cuts off before a spatial axis, worked out where only its length is said.</summary>
    public long PadBack(int axis, long input, long output, long outputPadding, bool isOutputSaid)
    {
        if (!isOutputSaid && AutoPad is "NOTSET") return Pads[axis];
        if (!isOutputSaid && AutoPad is "VALID") return 0;
        var total = Math.Max(0, checked(Strides[axis] * (input - 1) + outputPadding + Reach(axis) - output));
        return AutoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
    }

    /// <summary>Length of the window with its gaps.</summary>
    public long Reach(int axis) => checked((Kernel[axis] - 1) * Dilations[axis] + 1);

    /// <summary>Whether the output is as long as the input, whatever that is.</summary>
    private bool IsIdentity(int axis) => Strides[axis] == 1
        && (AutoPad is "SAME_UPPER" or "SAME_LOWER"
            || (AutoPad == "NOTSET" ? Pads[axis] + Pads[axis + Kernel.Length] : 0) == Reach(axis) - 1);
}
