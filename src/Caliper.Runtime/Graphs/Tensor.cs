using System.Buffers;
using System.Runtime.InteropServices;

namespace Caliper.Graphs;

/// <summary>
/// A dense tensor: an element type, a static shape, and the elements in row-major order. Treat it as immutable: stages
/// share tensors without copying them.
/// </summary>
public sealed class Tensor
{
    /// <summary>Wraps bytes, little-endian and packed as in ONNX <c>raw_data</c>, without copying them.</summary>
    /// <exception cref="CaliperException">The number of bytes is not what type and shape need.</exception>
    public Tensor(ElementType type, Shape shape, ReadOnlyMemory<byte> bytes)
    {
        if (type is ElementType.String or ElementType.Undefined)
            throw new CaliperException($"A tensor of {type} elements has no packed form.");
        var expected = type.ByteCount(shape.ElementCount);
        if (bytes.Length != expected)
            throw new CaliperException($"A {type} tensor of shape {shape} needs {expected} bytes, not {bytes.Length}.");
        (Type, Shape, Bytes) = (type, shape, bytes);
    }

    /// <summary>Wraps elements without copying them.</summary>
    public static Tensor Of<T>(Shape shape, Memory<T> elements) where T : unmanaged =>
        new(ElementTypes.Of<T>(), shape, new ByteMemoryManager<T>(elements).Memory);

    /// <summary>Wraps an array without copying it.</summary>
    public static Tensor Of<T>(Shape shape, T[] elements) where T : unmanaged => Of(shape, elements.AsMemory());

    /// <summary>A tensor of no axes and one element.</summary>
    public static Tensor Scalar<T>(T element) where T : unmanaged => Of(Shape.Scalar, new[] { element });

    /// <summary>A tensor of one axis.</summary>
    public static Tensor Vector<T>(params T[] elements) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(elements);
        return Of(Shape.Of(elements.Length), elements);
    }

    /// <summary>Type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>The axes; always static.</summary>
    public Shape Shape { get; }

    /// <summary>The elements as little-endian bytes, 4-bit types two a byte.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Number of elements.</summary>
    public int Count => checked((int)Shape.ElementCount);

    /// <summary>The elements.</summary>
    /// <exception cref="CaliperException"><typeparamref name="T"/> does not store <see cref="Type"/>.</exception>
    public ReadOnlySpan<T> Span<T>() where T : unmanaged
    {
        var stores = Type is ElementType.BFloat16 ? typeof(T) == typeof(ushort) : ElementTypes.Of<T>() == Type;
        if (!stores) throw new CaliperException($"The tensor holds {Type}, not {typeof(T).Name}.");
        return MemoryMarshal.Cast<byte, T>(Bytes.Span);
    }

    /// <summary>The same elements under another shape.</summary>
    public Tensor Reshape(Shape shape) => new(Type, shape, Bytes);

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Shape}";
}

/// <summary>Views any memory as bytes, so that a tensor can wrap an array without copying it.</summary>
internal sealed class ByteMemoryManager<T>(Memory<T> elements) : MemoryManager<byte> where T : unmanaged
{
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(elements.Span);

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        // The handle of the whole memory keeps it in place; the pointer is moved to the asked-for byte.
        var handle = elements.Pin();
        return new MemoryHandle((byte*)handle.Pointer + elementIndex, pinnable: new Owner(handle));
    }

    public override void Unpin() { }

    protected override void Dispose(bool disposing) { }

    private sealed class Owner(MemoryHandle handle) : IPinnable
    {
        private MemoryHandle _handle = handle;

        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException();

        public void Unpin() => _handle.Dispose();
    }
}
