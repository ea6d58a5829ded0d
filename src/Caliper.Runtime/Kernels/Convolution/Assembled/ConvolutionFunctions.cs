using Caliper.Assembly;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>The generated functions of one convolution: for full and for last bands, with full and with last blocks.</summary>
internal sealed unsafe class ConvolutionFunctions : IDisposable
{
    private readonly PlacedCode _code;
    private readonly int[] _starts;

    private ConvolutionFunctions(PlacedCode code, int[] starts, int byteCount) => (_code, _starts, ByteCount) = (code, starts, byteCount);

    /// <summary>Bytes of the code.</summary>
    public int ByteCount { get; }

    /// <summary>Writes and publishes the functions.</summary>
    /// <param name="form">What the code depends on.</param>
    /// <param name="plan">How the output is cut.</param>
    /// <param name="lastChannels">Channels of the last block, where not all of its vectors' exist.</param>
    /// <param name="machine">What runs it.</param>
    /// <returns>Null where the system gives no executable pages any more.</returns>
    public static ConvolutionFunctions? TryCreate(ConvolutionForm form, TilePlan plan, int lastChannels, CodeMachine machine)
    {
        var code = new CodeWriter();
        var writer = form.Writer(code, plan);
        int[] starts = [-1, -1, -1, -1];
        for (var i = 0; i < 4; i++)
        {
            var band = (i & 1) == 0 ? plan.Band : plan.LastBand;
            var vectors = (i & 2) == 0 ? plan.Vectors : plan.LastVectors;
            var exists = band.Rows > 0 && ((i & 1) == 1 || plan.FullBands > 0) && vectors > 0 && ((i & 2) != 0 || plan.FullBlocks > 0);
            if (!exists) continue;
            var channels = (i & 2) == 0 ? 16 * vectors : lastChannels;
            starts[i] = writer.WriteFunction(band, vectors, channels);
        }
        var bytes = code.Finish();
        return machine.TryPlace(bytes) is { } placed ? new ConvolutionFunctions(placed, starts, bytes.Length) : null;
    }

    /// <summary>Computes bands of one block of output channels.</summary>
    public void Run(bool isLastBand, bool isLastBlock, BandCall* call) =>
        _code.Call(_starts[(isLastBand ? 1 : 0) + (isLastBlock ? 2 : 0)], call, sizeof(BandCall));

    public void Dispose() => _code.Dispose();
}
