namespace Glyphs.Layers;

/// <summary>A convolution without bias; the batch norm after it has one.</summary>
internal abstract class Convolution : Layer
{
    /// <summary>The weights.</summary>
    public abstract Parameter Weight { get; }

    /// <summary>Number of output channels.</summary>
    public abstract int OutputChannels { get; }

    /// <summary>Lengths of the axes in PyTorch's order: output channels, input channels of a group, height, width.</summary>
    public abstract long[] TorchShape { get; }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [Weight];

    /// <summary>
    /// The weights of one output channel lie <see cref="OutputChannels"/> apart here, [fan-in × output channels];
    /// in PyTorch's order each output channel's weights lie together.
    /// </summary>
    public float[] ToTorchOrder()
    {
        var fanIn = Weight.Values.Length / OutputChannels;
        var ordered = new float[Weight.Values.Length];
        for (var channel = 0; channel < OutputChannels; channel++)
            for (var i = 0; i < fanIn; i++)
                ordered[channel * fanIn + i] = Weight.Values[i * OutputChannels + channel];
        return ordered;
    }

    /// <summary>Takes weights in the order that <see cref="ToTorchOrder"/> gives.</summary>
    public void FromTorchOrder(ReadOnlySpan<float> ordered)
    {
        var fanIn = ordered.Length / OutputChannels;
        for (var channel = 0; channel < OutputChannels; channel++)
            for (var i = 0; i < fanIn; i++)
                Weight.Values[i * OutputChannels + channel] = ordered[channel * fanIn + i];
    }

    /// <summary>Adds the chunks' gradients in their order.</summary>
    protected void SumGradients(float[][] ofChunks, int chunks)
    {
        Array.Clear(Weight.Gradient);
        for (var chunk = 0; chunk < chunks; chunk++)
            System.Numerics.Tensors.TensorPrimitives.Add(Weight.Gradient, ofChunks[chunk], Weight.Gradient);
    }

    /// <summary>One cleared gradient for each chunk.</summary>
    protected float[][] ChunkGradients(ref float[][]? buffers, int chunks)
    {
        if (buffers is null || buffers.Length < chunks)
            buffers = [.. Enumerable.Range(0, chunks).Select(_ => new float[Weight.Values.Length])];
        foreach (var buffer in buffers) Array.Clear(buffer);
        return buffers;
    }
}
