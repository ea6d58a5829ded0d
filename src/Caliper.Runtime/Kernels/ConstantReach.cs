namespace Caliper.Kernels;

/// <summary>
/// Constants that a kernel keeps beside its operands and reads by address: packed weights, biases, tables. What all of its run reads of them,
/// computed from the numbers that its loops use, is held against the memory they have before anything runs, as <see cref="Engine.Values.Extent"/>
/// is for operands.
/// </summary>
/// <param name="What">Their name, for the error.</param>
/// <param name="Read">Bytes read, from the first on.</param>
/// <param name="Held">Bytes there.</param>
internal readonly record struct ConstantReach(string What, long Read, long Held)
{
    /// <summary>What is read of some memory.</summary>
    public static ConstantReach Of(string what, NativeBuffer memory, long read) => new(what, read, memory.Length);

    /// <summary>What is read of a piece of the session's packed memory.</summary>
    public static ConstantReach Of(string what, PackedPiece memory, long read) => new(what, read, memory.Length);

    /// <summary>Whether nothing is read that is not there.</summary>
    public bool Fits => Read >= 0 && Read <= Held;
}
