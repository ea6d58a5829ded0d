using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Caliper.Graphs;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Data;

/// <summary>One NumPy array of samples: its header, checked against the bytes that are there.</summary>
/// <param name="Name">Name of the array within its file.</param>
/// <param name="Place">What to call it in a message.</param>
/// <param name="Header">What the file says about it.</param>
internal sealed record NpyArray(string Name, string Place, NpyHeader Header)
{
    /// <summary>Labels, and an array whose axes must be turned, are read as a whole.</summary>
    private const long MaxWholeBytes = 1L << 30;

    /// <summary>The axis that the samples lie along.</summary>
    public int SampleAxis { get; init; }

    /// <summary>Whether the axis of the samples is theirs alone, and each sample is all that an input takes.</summary>
    public bool HoldsWholeInputs { get; init; }

    /// <summary>Whether it has no axis: one number, the same for every sample. It is read as an array of one.</summary>
    public bool IsNumber { get; private init; }

    /// <summary>Rows: samples, or so many of each.</summary>
    public int RowCount => checked((int)(SampleAxis == 0 || HoldsWholeInputs ? SampleCount : Header.Lengths[0] * Header.Lengths[SampleAxis]));

    /// <summary>Length of that axis.</summary>
    public int SampleCount => checked((int)Header.Lengths[SampleAxis]);

    /// <summary>Bytes that one row takes.</summary>
    public long BytesPerRow => Header.ElementByteCount / RowCount;

    /// <summary>Reads and checks the header of an array; no element is read.</summary>
    public static NpyArray Open(ArrayFile file, string name)
    {
        var place = file.PlaceOf(name);
        var (stream, byteCount) = file.OpenArray(name);
        using (stream)
        {
            var header = NpyHeader.Read(stream, place);
            if (byteCount - header.ByteCount != header.ElementByteCount)
                throw new CaliperException($"{place} is damaged: its header announces {header.ElementByteCount} bytes of "
                    + $"elements and {byteCount - header.ByteCount} follow.");
            if (header.Lengths.IsEmpty) return new(name, place, header with { Lengths = [1] }) { IsNumber = true };
            if (header.Lengths[0] > int.MaxValue || header.Lengths.Contains(0))
                throw new CaliperException($"{place} holds no samples: its first axis must be their number, and its shape is "
                    + $"({string.Join(", ", header.Lengths)}).");
            return new(name, place, header);
        }
    }

    /// <summary>A stream at the first element, in C order, samples first.</summary>
    public Stream OpenElements(ArrayFile file)
    {
        var (stream, _) = file.OpenArray(Name);
        NpyHeader.Read(stream, Place);
        if (!Header.IsFortranOrder && SampleAxis == 0) return stream;
        using (stream) return new MemoryStream(ToRowMajor(ReadWhole(stream)));
    }

    /// <summary>Makes a tensor of elements as they are in the file; Float16 and Float64 become Float32, which is what
    /// networks take (NumPy writes Float64 unless told otherwise).</summary>
    public Tensor ToTensor(byte[] bytes, int samples)
    {
        var shape = ShapeOf(samples);
        if (Header.Type is not (ElementType.Float16 or ElementType.Float64)) return new Tensor(Header.Type, shape, bytes);
        var floats = new float[bytes.Length * 8 / Header.Type.BitsPerElement()];
        if (Header.Type is ElementType.Float16) TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), floats);
        else TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, double>(bytes), floats);
        return Tensor.Of(shape, floats);
    }

    private Shape ShapeOf(int samples)
    {
        if (HoldsWholeInputs)
        {
            var own = Header.Lengths.RemoveAt(SampleAxis);
            return Shape.Of(own.AsSpan()).With(0, samples * own[0]);
        }
        var shape = Shape.Of(Header.Lengths.AsSpan()).With(0, samples);
        return SampleAxis > 0 ? shape.With(SampleAxis, 1) : shape;
    }

    /// <summary>What it holds, being a number.</summary>
    public Tensor ReadNumber(ArrayFile file)
    {
        using var elements = OpenElements(file);
        return ToTensor(ReadWhole(elements), 1);
    }

    /// <summary>All elements as class indices.</summary>
    public ImmutableArray<int> ReadLabels(ArrayFile file)
    {
        if (BytesPerRow * 8 != Header.Type.BitsPerElement())
            throw new CaliperException(
                $"{Place} must hold one label a sample; its shape is ({string.Join(", ", Header.Lengths)}).");
        using var elements = OpenElements(file);
        var bytes = ReadWhole(elements);
        return Header.Type switch
        {
            ElementType.UInt8 => Labels<byte>(bytes, l => l),
            ElementType.Int8 => Labels<sbyte>(bytes, l => l),
            ElementType.UInt16 => Labels<ushort>(bytes, l => l),
            ElementType.Int16 => Labels<short>(bytes, l => l),
            ElementType.UInt32 => Labels<uint>(bytes, l => l),
            ElementType.Int32 => Labels<int>(bytes, l => l),
            ElementType.UInt64 => Labels<ulong>(bytes, l => l > int.MaxValue ? -1 : (long)l),
            ElementType.Int64 => Labels<long>(bytes, l => l),
            _ => throw new CaliperException($"{Place} holds labels of type {Header.Type}; class indices are integers."),
        };
    }

    private byte[] ReadWhole(Stream elements)
    {
        if (Header.ElementByteCount > MaxWholeBytes)
            throw new CaliperException($"{Place} is too large to be read as a whole, as labels, arrays in Fortran order and those "
                + "whose samples do not lie along the first axis must be; save numpy.ascontiguousarray of it, samples first.");
        var bytes = new byte[Header.ElementByteCount];
        elements.ReadExactly(bytes);
        return bytes;
    }

    private ImmutableArray<int> Labels<T>(byte[] bytes, Func<T, long> widen) where T : unmanaged
    {
        var labels = ImmutableArray.CreateBuilder<int>(RowCount);
        foreach (var element in MemoryMarshal.Cast<byte, T>(bytes))
        {
            var label = widen(element);
            if (label is < 0 or > int.MaxValue)
                throw new CaliperException($"{Place} holds {element} at {labels.Count}, which is no class index.");
            labels.Add((int)label);
        }
        return labels.MoveToImmutable();
    }

    /// <summary>Walks the elements in C order, the axis of samples first, with an odometer, and follows in the file's: in Fortran order the stride
    /// of an axis is the product of the lengths before it, in C order of those after it.</summary>
    private byte[] ToRowMajor(byte[] source)
    {
        var size = Header.Type.BitsPerElement() / 8;
        var target = new byte[source.Length];
        int[] order = [SampleAxis, .. Enumerable.Range(0, Header.Lengths.Length).Where(axis => axis != SampleAxis)];
        long[] lengths = [.. order.Select(axis => Header.Lengths[axis])];
        long[] strides = [.. order.Select(axis => (Header.IsFortranOrder ? Header.Lengths.Take(axis) : Header.Lengths.Skip(axis + 1))
            .Aggregate(1L, (product, length) => product * length))];
        var index = new long[lengths.Length];
        long from = 0;
        for (var to = 0; to < target.Length; to += size)
        {
            source.AsSpan((int)from * size, size).CopyTo(target.AsSpan(to));
            for (var axis = lengths.Length - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < lengths[axis]) break;
                from -= strides[axis] * lengths[axis];
                index[axis] = 0;
            }
        }
        return target;
    }
}
