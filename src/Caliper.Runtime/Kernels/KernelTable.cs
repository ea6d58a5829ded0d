namespace Caliper.Kernels;

/// <summary>An entry of a table of kernels.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Set">The instruction sets it belongs to; a session limited to a lesser set does not take it.</param>
/// <param name="WhyNot">Null where this machine runs it, otherwise what is missing, in a few words.</param>
/// <param name="Run">The kernel, or what makes one.</param>
internal sealed record KernelEntry<T>(string Name, KernelSet Set, Func<string?> WhyNot, T Run) where T : Delegate;

/// <summary>All kernels of one operation, fastest first: what sessions, tests, benchmarks and <c>caliper info</c> read.</summary>
internal sealed class KernelTable<T>(string operation, params KernelEntry<T>[] entries) where T : Delegate
{
    /// <summary>What the kernels do.</summary>
    public string Operation => operation;

    /// <summary>The entries, fastest first; the last runs everywhere.</summary>
    public IReadOnlyList<KernelEntry<T>> All => entries;

    /// <summary>The fastest that this machine runs and that is not beyond a set.</summary>
    public KernelEntry<T> Choose(KernelSet set) => Usable(set).First();

    /// <summary>Those that this machine runs and that are not beyond a set, fastest first.</summary>
    public IEnumerable<KernelEntry<T>> Usable(KernelSet set) => entries.Where(e => e.Set >= set && e.WhyNot() is null);
}
