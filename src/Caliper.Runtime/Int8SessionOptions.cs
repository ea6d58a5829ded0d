using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper;

/// <summary>How an <see cref="Int8Session"/> is planned.</summary>
public sealed record Int8SessionOptions
{
    internal const int MostThreads = 256;

    /// <summary>Samples per run: the length that a free first axis of an input gets.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Threads within one run; 0 takes one for each processor. WebAssembly has one, whatever is asked for.
    /// Results do not depend on it.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Which kernels to compute with; all give the same bits.</summary>
    public KernelSet Kernels { get; init; } = KernelSet.Auto;

    /// <summary>Whether machine code may be assembled at run time. It never is where the CPU, the operating system or the AppContext
    /// switch <c>Caliper.DisableAssembledCode</c> forbids it.</summary>
    public bool AssembledCode { get; init; } = true;

    /// <summary>Shapes for inputs that have free axes besides the batch, by name.</summary>
    public ImmutableDictionary<string, Shape> InputShapes { get; init; } = ImmutableDictionary<string, Shape>.Empty;

    /// <summary>Guard pages around every tensor, for tests.</summary>
    internal MemoryGuard Guard { get; init; }

    /// <summary>What all plans of one model have together; null where this is the only one. Plans that share it are made one after another.</summary>
    internal Kernels.KernelResources? Model { get; init; }

    /// <summary>The most memory that one run and the constants may take; what needs more is refused at load.</summary>
    internal long MostBytes { get; init; } = long.MaxValue;

    /// <summary>The threads of a run here: code in a browser has the one that calls it.</summary>
    internal int EffectiveThreads =>
        OperatingSystem.IsBrowser() || OperatingSystem.IsWasi() ? 1 : Threads > 0 ? Threads : Environment.ProcessorCount;

    /// <summary>The kernels that are left when assembled code is forbidden.</summary>
    internal KernelSet EffectiveKernels
    {
        get
        {
            var mayAssemble = AssembledCode && Assembly.AssembledCode.IsSupported;
            return !mayAssemble && Kernels < KernelSet.AvxVnni ? KernelSet.AvxVnni : Kernels;
        }
    }
}
