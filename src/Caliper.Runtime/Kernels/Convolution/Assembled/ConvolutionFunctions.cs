namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>The assembled functions of one convolution: for full and for last bands, with full and with last blocks.</summary>
internal sealed unsafe class ConvolutionFunctions
{
    private readonly ConvolutionFunction?[] _all = new ConvolutionFunction?[4];

    /// <summary>The functions that a plan needs.</summary>
    /// <param name="form">What the code depends on.</param>
    /// <param name="plan">How the output is cut.</param>
    /// <param name="outputChannels">Of the layer.</param>
    /// <param name="resources">What keeps the code, and who uses it.</param>
    /// <returns>Null where the system gives no executable pages any more.</returns>
    public static ConvolutionFunctions? TryCreate(ConvolutionForm form, TilePlan plan, int outputChannels, KernelResources resources)
    {
        var cache = resources.Model.Shared(() => new ConvolutionFunctionCache(resources.Machine));
        var functions = new ConvolutionFunctions();
        for (var i = 0; i < 4; i++)
        {
            var (isLastBand, isLastBlock) = ((i & 1) != 0, (i & 2) != 0);
            var band = isLastBand ? plan.LastBand : plan.Band;
            var vectors = isLastBlock ? plan.LastVectors : plan.Vectors;
            if (band.Rows == 0 || vectors == 0 || !isLastBand && plan.FullBands == 0 || !isLastBlock && plan.FullBlocks == 0) continue;
            var channels = isLastBlock ? outputChannels - plan.FullBlocks * 16 * plan.Vectors : 16 * vectors;
            var key = form.KeyOf(band, isLastBand, plan.InHalves, vectors, channels);
            if ((functions._all[i] = cache.Get(key, resources)) is null) return null;
        }
        return functions;
    }

    /// <summary>Computes bands of one block of output channels.</summary>
    public void Run(bool isLastBand, bool isLastBlock, BandCall* call) => _all[(isLastBand ? 1 : 0) + (isLastBlock ? 2 : 0)]!.Run(call);
}
