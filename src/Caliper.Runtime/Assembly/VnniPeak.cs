namespace Caliper.Assembly;

/// <summary>
/// The most that one core can multiply and add: nothing but 512-bit <c>vpdpbusd</c> on registers, each of the sums waiting
/// for no other. Shares of the peak are shares of this loop's rate.
/// </summary>
internal sealed unsafe class VnniPeak : IDisposable
{
    private const int Sums = 24;
    private const int StepsPerTurn = 4;
    private readonly ExecutableMemory _memory;

    /// <summary>Multiply-adds of one turn of the loop.</summary>
    public const long MultiplyAddsPerTurn = Sums * StepsPerTurn * 64L;

    /// <summary>Writes the loop.</summary>
    /// <exception cref="CaliperException">No code can be assembled here.</exception>
    public VnniPeak()
    {
        if (AssembledCode.WhyNot is { } why) throw new CaliperException($"The VNNI peak cannot be measured: {why}.");
        var code = new CodeWriter();
        code.BeginFunction();
        for (var i = 0; i < CodeWriter.VectorCount; i++) code.Clear(i);
        code.RepeatCounted(CodeWriter.Argument, () =>
        {
            for (var step = 0; step < StepsPerTurn; step++)
                for (var sum = 0; sum < Sums; sum++) code.MultiplyAccumulate(sum, Sums + step, Sums + StepsPerTurn + step);
        });
        code.EndFunction();
        _memory = ExecutableMemory.TryPublish(code.Finish())
            ?? throw new CaliperException("The VNNI peak cannot be measured: the system gave no executable pages.");
    }

    /// <summary>Runs the loop; the caller holds the watch.</summary>
    /// <param name="turns">How often, at least once.</param>
    public void Run(long turns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(turns, 1);
        ((delegate* unmanaged<nint, void>)_memory.Start)((nint)turns);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
