using Caliper.Engine.Values;
using Caliper.Kernels;

namespace Caliper.Engine.Steps;

/// <summary>
/// One piece of a run, all addresses fixed. The work is a grid of units times blocks; threads take rectangles of it, and
/// every output value is computed whole by one thread, so that results do not depend on their number.
/// </summary>
internal abstract unsafe class Step
{
    /// <summary>The layer's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, such as <c>conv 3x3/2</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Which kernel does it.</summary>
    public virtual string Kernel => "portable";

    /// <summary>Multiply-adds of one run.</summary>
    public long MultiplyAdds { get; init; }

    /// <summary>Bytes of weights and tables.</summary>
    public virtual long WeightBytes => 0;

    /// <summary>Bytes read and written, constants included.</summary>
    public long BytesTouched { get; init; }

    /// <summary>Pieces along the first axis of the grid.</summary>
    public abstract int Units { get; }

    /// <summary>Pieces along the second axis of the grid.</summary>
    public virtual int Blocks => 1;

    /// <summary>Bytes of working memory that each thread needs.</summary>
    public virtual int ScratchBytes => 0;

    /// <summary>The memory of every operand that it touches, inputs, constants and outputs: what <see cref="Run"/> may do. The plan
    /// refuses a step that would leave its operands.</summary>
    public abstract IEnumerable<Extent> Extents { get; }

    /// <summary>What it reads by address of constants that are no operands: its kernel's packed weights and tables. The plan refuses a step that
    /// would read more of them than there is.</summary>
    public virtual IEnumerable<ConstantReach> Constants => [];

    /// <summary>Borders that the first thread fills before its share.</summary>
    public BorderFill[] Borders { get; set; } = [];

    /// <summary>Does a rectangle of the grid.</summary>
    public abstract void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd);
}

/// <summary>What a step sees of a run.</summary>
internal readonly unsafe struct StepContext(byte** slots, byte* scratch)
{
    /// <summary>This thread's working memory, aligned to a cache line.</summary>
    public byte* Scratch => scratch;

    /// <summary>The address of a place.</summary>
    public byte* At(Place place) => slots[place.Slot] + place.Offset;
}
