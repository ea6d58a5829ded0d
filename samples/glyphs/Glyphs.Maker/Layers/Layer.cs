namespace Glyphs.Layers;

/// <summary>A differentiable operation on a batch.</summary>
internal abstract class Layer
{
    /// <summary>What the last forward pass read.</summary>
    protected Activation Input { get; set; } = null!;

    /// <summary>What the last forward pass put out.</summary>
    public Activation Output { get; protected set; } = null!;

    /// <summary>What training changes here.</summary>
    public virtual IEnumerable<Parameter> Parameters => [];

    /// <summary>Computes the output of a batch.</summary>
    /// <param name="input">The batch.</param>
    /// <param name="training">Whether batch norms use the statistics of this batch, and update their running ones.</param>
    public abstract Activation Forward(Activation input, bool training);

    /// <summary>
    /// From the output's gradient, writes the gradients of the parameters and of the input of the last forward pass
    /// (replacing what was there).
    /// </summary>
    public abstract void Backward();
}
