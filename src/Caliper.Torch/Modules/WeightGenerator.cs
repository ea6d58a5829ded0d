using Caliper.Graphs;

namespace Caliper.Torch.Modules;

/// <summary>
/// Values of untrained parameters. Uses integer arithmetic (SplitMix64, Steele et al. 2014) and square roots only, so that a
/// seed gives the same bits on every machine.
/// </summary>
internal sealed class WeightGenerator(int seed)
{
    private ulong _state = (uint)seed;

    public Tensor Next(Parameter parameter)
    {
        var values = new float[parameter.Shape.ElementCount];
        if (parameter.Initial is InitialValue.One) values.AsSpan().Fill(1);
        if (parameter.Initial is InitialValue.KaimingUniform)
        {
            // He et al. 2015: keeps the variance of activations through ReLU; uniform within ±sqrt(6 / fan-in).
            var fanIn = values.Length / Math.Max(1, parameter.Shape[0].Length);
            var bound = Math.Sqrt(6.0 / Math.Max(1, fanIn));
            foreach (ref var value in values.AsSpan()) value = (float)(bound * (2 * NextUnit() - 1));
        }
        return Tensor.Of(parameter.Shape, values);
    }

    private double NextUnit()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
