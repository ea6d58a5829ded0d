using Caliper.Assembly;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>What one assembled function depends on.</summary>
/// <param name="Form">The convolution's part in it.</param>
/// <param name="InHalves">Whether tiles are two halves.</param>
/// <param name="Band">The bands that it computes.</param>
/// <param name="Vectors">Vectors of output channels.</param>
/// <param name="Channels">Output channels that exist.</param>
internal sealed record FunctionKey(ConvolutionForm Form, bool InHalves, Band Band, int Vectors, int Channels);

/// <summary>A assembled function: bands of one block of output channels.</summary>
internal sealed unsafe class ConvolutionFunction : IDisposable
{
    private readonly PlacedCode _code;
    private readonly int _start;

    private ConvolutionFunction(PlacedCode code, int start, int byteCount) => (_code, _start, ByteCount) = (code, start, byteCount);

    /// <summary>Bytes of the code.</summary>
    public int ByteCount { get; }

    /// <summary>Writes and publishes it.</summary>
    /// <returns>Null where the system gives no executable pages any more.</returns>
    public static ConvolutionFunction? TryCreate(FunctionKey key, CodeMachine machine)
    {
        var code = new CodeWriter();
        var start = key.Form.Writer(code, key.InHalves).WriteFunction(key.Band, key.Vectors, key.Channels);
        var bytes = code.Finish();
        return machine.TryPlace(bytes) is { } placed ? new ConvolutionFunction(placed, start, bytes.Length) : null;
    }

    /// <summary>Computes bands.</summary>
    public void Run(BandCall* call) => _code.Call(_start, call, sizeof(BandCall));

    public void Dispose() => _code.Dispose();
}
