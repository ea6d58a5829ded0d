namespace Caliper.Assembly;

/// <summary>What runs assembled code: the processor, or whoever else knows its instructions, such as the simulator of the tests.</summary>
internal abstract class CodeMachine
{
    /// <summary>The processor of this process.</summary>
    public static CodeMachine Processor { get; } = new ProcessorMachine();

    /// <summary>Why it runs no instructions for tiles, or null where it does.</summary>
    public abstract string? WhyNoTiles { get; }

    /// <summary>Places a finished block of code where it can be called.</summary>
    /// <returns>Null where there is no place for code any more.</returns>
    public abstract PlacedCode? TryPlace(ReadOnlySpan<byte> code);

    private sealed class ProcessorMachine : CodeMachine
    {
        public override string? WhyNoTiles => TileUnit.WhyNot;

        public override PlacedCode? TryPlace(ReadOnlySpan<byte> code) =>
            ExecutableMemory.TryPublish(code) is { } memory ? new ProcessorCode(memory) : null;
    }

    private sealed unsafe class ProcessorCode(ExecutableMemory memory) : PlacedCode
    {
        private readonly nint _start = memory.Start;

        public override void Call(int offset, void* argument, int argumentBytes) => ((delegate* unmanaged<void*, void>)(_start + offset))(argument);

        public override void CallPlain(int offset) => ((delegate* unmanaged[SuppressGCTransition]<void>)(_start + offset))();

        public override void Dispose() => memory.Dispose();
    }
}

/// <summary>A block of code that can be called, until it is disposed of.</summary>
internal abstract unsafe class PlacedCode : IDisposable
{
    /// <summary>Calls a function of one pointer (<see cref="CodeWriter.BeginFunction"/>).</summary>
    /// <param name="offset">Where it begins in the block.</param>
    /// <param name="argument">What it is given.</param>
    /// <param name="argumentBytes">How much there is of that.</param>
    public abstract void Call(int offset, void* argument, int argumentBytes);

    /// <summary>Calls a function of a few instructions and without an argument (<see cref="CodeWriter.BeginPlain"/>).</summary>
    public abstract void CallPlain(int offset);

    public abstract void Dispose();
}
