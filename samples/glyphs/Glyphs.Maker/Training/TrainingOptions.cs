namespace Glyphs.Training;

/// <summary>How the network is trained; the defaults are how the committed one was.</summary>
internal sealed record TrainingOptions
{
    /// <summary>Times that the training images are gone through.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Images of each class that are drawn for training.</summary>
    public int ImagesPerClass { get; init; } = 600;

    /// <summary>Images of a step.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The greatest learning rate: reached after the first epoch, then lowered along a cosine to 0.</summary>
    public float LearningRate { get; init; } = 0.1f;

    /// <summary>Of the optimizer.</summary>
    public float Momentum { get; init; } = 0.9f;

    /// <summary>On the weights of convolutions and of the classifier.</summary>
    public float WeightDecay { get; init; } = 1e-4f;

    /// <summary>Share of the target that is spread over all classes.</summary>
    public float LabelSmoothing { get; init; } = 0.05f;

    /// <summary>Standard deviation of the logarithm (base 2) of the channel scales.</summary>
    public float ChannelSpread { get; init; } = 3;

    /// <summary>The least channel scale; the greatest is 1.</summary>
    public float LeastChannelScale { get; init; } = 1f / 128;

    /// <summary>Decides weights, channel scales and the order of images.</summary>
    public ulong Seed { get; init; } = 1;
}
