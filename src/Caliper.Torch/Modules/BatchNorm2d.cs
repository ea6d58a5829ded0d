namespace Caliper.Torch.Modules;

/// <summary>Normalizes each channel of N×C×H×W by the mean and variance of training.</summary>
/// <remarks>Source: <c>torch.nn.BatchNorm2d</c> in evaluation mode; ONNX <c>BatchNormalization</c>.</remarks>
public sealed class BatchNorm2d : BatchNorm
{
    /// <summary>Describes the normalization of <paramref name="features"/> channels; <paramref name="epsilon"/> is added to the
    /// variance.</summary>
    public BatchNorm2d(int features, float epsilon = 1e-5f) : base(features, epsilon) { }

    private protected override bool Fits(int rank) => rank == 4;

    private protected override string Form => "×H×W";
}
