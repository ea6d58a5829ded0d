using Glyphs.Layers;

namespace Glyphs.Training;

/// <summary>Stochastic gradient descent with Nesterov momentum and weight decay, as PyTorch's <c>SGD</c> computes it.</summary>
internal sealed class MomentumOptimizer(IReadOnlyList<Parameter> parameters, float momentum, float weightDecay)
{
    /// <summary>One step down the gradients.</summary>
    /// <remarks>
    /// Plain loops on purpose: a vectorized multiply-add may fuse the middle of an array and not its ends, which move with
    /// the array's address, and two runs would part.
    /// </remarks>
    public void Step(float learningRate)
    {
        foreach (var parameter in parameters)
        {
            var (values, gradients, velocity) = (parameter.Values, parameter.Gradient, parameter.Momentum);
            var decay = parameter.Decays ? weightDecay : 0;
            for (var i = 0; i < values.Length; i++)
            {
                var gradient = gradients[i] + decay * values[i];
                velocity[i] = momentum * velocity[i] + gradient;
                values[i] -= learningRate * (gradient + momentum * velocity[i]);
            }
        }
    }
}
