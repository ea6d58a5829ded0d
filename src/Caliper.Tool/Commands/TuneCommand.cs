using Caliper.Tool.Options;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper tune</c>: <c>quantize</c> with more time, which is spent on running what the search finds.</summary>
internal sealed class TuneCommand() : QuantizingCommand("tune",
    "As quantize, with more time: runs what the search finds, and keeps the fastest that is as good as asked", new QuantizeSymbols(tunes: true));
