using Caliper.Graphs;

namespace Caliper.Torch.Pickling;

/// <summary>A run of elements in a checkpoint that tensors are views of; the elements themselves are not here.</summary>
/// <param name="Key">Name of the record that holds the elements.</param>
/// <param name="Type">Type of the elements; bytes for an untyped storage.</param>
/// <param name="Count">Number of elements in the record.</param>
/// <param name="ViewOffset">First element that tensors may see (legacy files nest storages).</param>
/// <param name="ViewCount">Number of elements that tensors may see.</param>
internal sealed record StorageReference(string Key, ElementType Type, long Count, long ViewOffset, long ViewCount)
{
    public long ByteCount => Type.ByteCount(Count);
}

/// <summary>A tensor as a checkpoint describes it.</summary>
/// <param name="Storage">Where the elements are.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Offset">Position of the first element, in elements of <paramref name="Type"/>.</param>
/// <param name="Size">Length of each axis.</param>
/// <param name="Stride">Elements between neighbours along each axis.</param>
internal sealed record TensorReference(StorageReference Storage, ElementType Type, long Offset, long[] Size, long[] Stride);
