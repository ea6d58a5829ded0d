using Caliper.Kernels.Convolution.Assembled;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Words;

/// <summary>What the code of a convolution of words depends on.</summary>
internal sealed record WordForm : ConvolutionForm
{
    /// <summary>The form of a convolution that gives sums, and what is made of those.</summary>
    public WordForm(ConvolutionForm sums, WordResult result) : base(sums) => Result = result;

    /// <summary>What is written.</summary>
    public WordResult Result { get; }

    public override BandCode Writer(CodeWriter code, bool inHalves) => new WordCode(code, this, (KernelWalk)Walk);
}
