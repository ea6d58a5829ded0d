namespace Caliper.Torch.Modules;

/// <summary>What the batch normalizations share: <c>y = weight · (x − running_mean) / √(running_var + ε) + bias</c>.</summary>
public abstract class BatchNorm : Module
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    // PyTorch's names: they are the keys in the checkpoint.
    private readonly Parameter running_mean;
    private readonly Parameter running_var;

    private readonly int _features;
    private readonly float _epsilon;

    private protected BatchNorm(int features, float epsilon)
    {
        (_features, _epsilon) = (features, epsilon);
        weight = Parameter.PerChannel(features, InitialValue.One);
        bias = Parameter.PerChannel(features, InitialValue.Zero);
        running_mean = Parameter.PerChannel(features, InitialValue.Zero);
        running_var = Parameter.PerChannel(features, InitialValue.One);
    }

    private protected abstract bool Fits(int rank);

    private protected abstract string Form { get; }

    /// <inheritdoc/>
    protected internal override Signal Forward(Signal x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!Fits(x.Shape.Rank) || x.Shape[1] != _features) throw x.Tracer.Misfit($"N×{_features}{Form}", x.Shape);
        string[] inputs = [x.Name, .. x.Tracer.Weights(weight, bias, running_mean, running_var)];
        return x.Tracer.Emit("BatchNormalization", "", x.Shape, inputs, node => node.With("epsilon", _epsilon));
    }
}
