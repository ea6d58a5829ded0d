using Caliper.Assembly;
using CodeWriter = Caliper.Assembly.CodeWriter;

namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>The assembled functions of one layer: for full blocks of channels and for the last, and what frames them.</summary>
internal sealed unsafe class AmxFunctions : IDisposable
{
    private readonly PlacedCode _code;
    private readonly int _full, _last;
    private readonly (int Configure, int Release) _frame;

    private AmxFunctions(PlacedCode code, int full, int last, (int Configure, int Release) frame) =>
        (_code, _full, _last, _frame) = (code, full, last, frame);

    /// <summary>Writes and publishes the functions.</summary>
    /// <param name="form">What they are for.</param>
    /// <param name="hasFull">Whether there are full blocks.</param>
    /// <param name="lastChannels">Channels of the last block, or 0.</param>
    /// <param name="machine">What is to run them.</param>
    /// <returns>Null where the system gives no executable pages any more.</returns>
    public static AmxFunctions? TryCreate(AmxForm form, bool hasFull, int lastChannels, CodeMachine machine)
    {
        var code = new CodeWriter();
        var writer = new AmxCode(code, form);
        var vectors = form.Plan.Vectors;
        var full = hasFull ? writer.WriteFunction(vectors, 16 * vectors) : 0;
        var last = lastChannels > 0 ? writer.WriteFunction((lastChannels + 15) / 16, lastChannels) : 0;
        var frame = writer.WriteFrame();
        return machine.TryPlace(code.Finish()) is { } placed ? new AmxFunctions(placed, full, last, frame) : null;
    }

    /// <summary>Gives this thread's tiles their shape, until <see cref="Release"/>.</summary>
    public void Configure() => _code.CallPlain(_frame.Configure);

    /// <summary>Gives the tiles back, so that nobody else on this thread pays for them.</summary>
    public void Release() => _code.CallPlain(_frame.Release);

    /// <summary>Computes groups of one block of output channels.</summary>
    public void Run(bool isLastBlock, GroupCall* call) => _code.Call(isLastBlock ? _last : _full, call, sizeof(GroupCall));

    public void Dispose() => _code.Dispose();
}

/// <summary>The functions of a session, shared by layers of the same form.</summary>
internal sealed class AmxFunctionCache(CodeMachine machine) : IDisposable
{
    private readonly Dictionary<(AmxForm, bool, int), AmxFunctions?> _made = [];

    /// <summary>The functions for a form, made at the first call; null where the system gives no executable pages.</summary>
    public AmxFunctions? Get(AmxForm form, bool hasFull, int lastChannels)
    {
        // The code does not depend on where the pixels lie.
        var key = (form with { Plan = form.Plan with { Line = default } }, hasFull, lastChannels);
        if (!_made.TryGetValue(key, out var functions)) _made.Add(key, functions = AmxFunctions.TryCreate(form, hasFull, lastChannels, machine));
        return functions;
    }

    public void Dispose()
    {
        foreach (var functions in _made.Values) functions?.Dispose();
    }
}
