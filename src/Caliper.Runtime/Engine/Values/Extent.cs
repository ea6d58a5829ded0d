namespace Caliper.Engine.Values;

/// <summary>
/// The memory of one operand that a step touches in all of its run: what the plan holds against the memory there is, before
/// anything runs. It is computed from the very numbers that the step's loops use, never from what the operand should be.
/// </summary>
/// <param name="Place">What the bytes are counted from.</param>
/// <param name="Bytes">The bytes.</param>
/// <param name="IsWritten">Whether they are written, not only read.</param>
internal readonly record struct Extent(Place Place, ByteSpan Bytes, bool IsWritten)
{
    /// <summary>Bytes after the last one that are read too, but do not count: only memory of the engine's own has them.</summary>
    public int ReadsAfter { get; init; }

    /// <summary>What is read.</summary>
    public static Extent Reads(Place place, ByteSpan bytes) => new(place, bytes, false);

    /// <summary>What is written, or written and read.</summary>
    public static Extent Writes(Place place, ByteSpan bytes) => new(place, bytes, true);

    /// <summary>Whether all of it lies within a storage that has its place.</summary>
    public bool LiesIn(Storage storage) => Bytes.IsEmpty
        || (storage.Slot == Place.Slot && Place.Offset + Bytes.Low >= storage.Start
            && Place.Offset + Bytes.High <= storage.Start + storage.Size && (ReadsAfter == 0 || storage.Slot < Storage.FirstExternal));
}
