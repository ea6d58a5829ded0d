using Caliper.Graphs;
using Caliper.Torch.Modules;

namespace Caliper.Torch.Networks;

/// <summary>
/// Option A of He et al. 2015: a shortcut into a stage of fewer pixels and more channels that needs no weights. It takes every
/// <paramref name="stride"/>-th pixel and adds channels of zeros, half of them in front.
/// </summary>
internal sealed class ZeroPadShortcut(int stride, int addedChannels) : Module
{
    protected internal override Signal Forward(Signal x)
    {
        string Constant(string name, params long[] values) => x.Tracer.Constant(name, Tensor.Vector(values));
        long Kept(int axis) => (x.Shape[axis].Length + stride - 1) / stride;

        var sampled = x.Shape.With(2, Kept(2)).With(3, Kept(3));
        string[] range = [Constant("starts", 0, 0), Constant("ends", long.MaxValue, long.MaxValue), Constant("axes", 2, 3)];
        var y = x.Tracer.Emit("Slice", "slice", sampled, [x.Name, .. range, Constant("steps", stride, stride)]);

        long front = addedChannels / 2, back = addedChannels - front;
        var pads = Constant("pads", 0, front, 0, 0, 0, back, 0, 0);
        return x.Tracer.Emit("Pad", "pad", sampled.With(1, sampled[1].Length + addedChannels), [y.Name, pads]);
    }
}
