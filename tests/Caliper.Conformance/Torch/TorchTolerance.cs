namespace Caliper.Conformance.Torch;

/// <summary>How far outputs may lie from those another engine computed: float sums differ by their order.</summary>
internal static class TorchTolerance
{
    /// <summary>Logits of a trained ResNet-20 (values up to 16) against PyTorch.</summary>
    public const float Logits = 1e-3f;

    /// <summary>The same network from two files, run by the same engine.</summary>
    public const float SameNetwork = 1e-4f;

    /// <summary>A network of two layers against TorchSharp.</summary>
    public const float SmallNetwork = 1e-5f;
}
