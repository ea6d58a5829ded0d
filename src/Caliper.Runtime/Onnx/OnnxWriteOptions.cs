namespace Caliper.Onnx;

/// <summary>How a model is written.</summary>
public sealed record OnnxWriteOptions
{
    /// <summary>
    /// Whether weights go into a second file beside the model, named like it with <c>.data</c> added (<c>.1.data</c> where
    /// that name is taken, so that a model and its weights are replaced as one). That happens anyway
    /// where one file would exceed <see cref="LargestSingleFileInBytes"/>.
    /// </summary>
    public bool ExternalData { get; init; }

    /// <summary>With a second file: weights smaller than this stay in the first.</summary>
    public long SmallestExternalInBytes { get; init; } = 1024;

    /// <summary>
    /// Weights of more bytes than this in all go into a second file: an ONNX file cannot exceed 2 GiB, and the nodes need
    /// room too.
    /// </summary>
    public long LargestSingleFileInBytes { get; init; } = 2_000_000_000;
}
