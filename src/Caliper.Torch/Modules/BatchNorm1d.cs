namespace Caliper.Torch.Modules;

/// <summary>Normalizes each feature of N×C, or each channel of N×C×L, by the mean and variance of training.</summary>
/// <remarks>Source: <c>torch.nn.BatchNorm1d</c> in evaluation mode; ONNX <c>BatchNormalization</c>.</remarks>
public sealed class BatchNorm1d : BatchNorm
{
    /// <summary>Describes the normalization of <paramref name="features"/> features; <paramref name="epsilon"/> is added to the
    /// variance.</summary>
    public BatchNorm1d(int features, float epsilon = 1e-5f) : base(features, epsilon) { }

    private protected override bool Fits(int rank) => rank is 2 or 3;

    private protected override string Form => " or with ×L";
}
