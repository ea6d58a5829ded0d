using Caliper.Kernels.Convolution.Assembled;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Pixels;

/// <summary>What the code of a convolution of floats depends on.</summary>
internal sealed record FloatForm : ConvolutionForm
{
    /// <summary>The form of a convolution that gives sums, and whether those are cut off.</summary>
    public FloatForm(ConvolutionForm sums, bool hasBounds) : base(sums) => HasBounds = hasBounds;

    /// <summary>Whether sums are cut off.</summary>
    public bool HasBounds { get; }

    public override int InputSize => sizeof(float);

    public override BandCode Writer(CodeWriter code, bool inHalves) => Walk switch
    {
        WindowWalk window => new FloatDepthwiseCode(code, this, window),
        _ => new FloatCode(code, this, (KernelWalk)Walk),
    };
}
