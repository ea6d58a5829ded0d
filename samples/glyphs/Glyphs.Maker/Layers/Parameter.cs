namespace Glyphs.Layers;

/// <summary>Numbers that training changes.</summary>
internal sealed class Parameter(int count, bool decays)
{
    /// <summary>The numbers.</summary>
    public float[] Values { get; } = new float[count];

    /// <summary>The gradient of the loss, summed over the batch.</summary>
    public float[] Gradient { get; } = new float[count];

    /// <summary>The optimizer's running mean of gradients.</summary>
    public float[] Momentum { get; } = new float[count];

    /// <summary>Whether weight decay pulls on it: on weights of convolutions, not on batch norms and biases.</summary>
    public bool Decays => decays;
}
