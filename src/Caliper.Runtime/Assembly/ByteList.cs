namespace Caliper.Assembly;

/// <summary>The bytes that the encoder writes, which grow as needed and can be corrected afterwards.</summary>
internal sealed class ByteList : Iced.Intel.CodeWriter
{
    // One byte that stops the processor: nothing ever runs into the space between functions.
    private const byte Breakpoint = 0xCC;

    private byte[] _bytes = new byte[4096];

    /// <summary>Bytes written so far.</summary>
    public int Count { get; private set; }

    /// <summary>What was written.</summary>
    public Span<byte> Written => _bytes.AsSpan(0, Count);

    /// <inheritdoc/>
    public override void WriteByte(byte value)
    {
        if (Count == _bytes.Length) Array.Resize(ref _bytes, 2 * _bytes.Length);
        _bytes[Count++] = value;
    }

    /// <summary>Appends bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes) WriteByte(value);
    }

    /// <summary>Fills up to a multiple of <paramref name="alignment"/>.</summary>
    public void PadTo(int alignment)
    {
        while (Count % alignment != 0) WriteByte(Breakpoint);
    }
}
