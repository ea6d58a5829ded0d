namespace Caliper.Kernels.Elementwise;

/// <summary>Which of some of the processor's vectors are free.</summary>
/// <param name="first">The first of them.</param>
/// <param name="count">How many there are.</param>
internal sealed class LaneRegisters(int first, int count)
{
    private readonly SortedSet<int> _free = [.. Enumerable.Range(first, count)];

    /// <summary>Takes the first free one.</summary>
    /// <exception cref="NoRegisterException">There is none.</exception>
    public int Take()
    {
        if (_free.Count == 0) throw new NoRegisterException();
        var register = _free.Min;
        _free.Remove(register);
        return register;
    }

    /// <summary>Gives one back.</summary>
    public void Free(int register) => _free.Add(register);
}

/// <summary>More numbers are alive at a time than there are registers.</summary>
internal sealed class NoRegisterException : Exception;
