using System.Buffers.Binary;
using System.Text;
using static Caliper.Torch.Pickling.PickleOpcode;

namespace Caliper.Torch.Pickling;

/// <summary>Writes Python pickles of protocol 2, opcode by opcode, in the order a reader executes them.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Begins a pickle.</summary>
    public PickleWriter() => Opcode(Proto).Byte(2);

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);

    public PickleWriter Opcode(PickleOpcode opcode) => Byte((byte)opcode);

    public PickleWriter Name(string module, string name)
    {
        _bytes.Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));
        return this;
    }

    public PickleWriter Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Opcode(BinUnicode).Int32(utf8.Length);
        _bytes.Write(utf8);
        return this;
    }

    public PickleWriter Integer(long value)
    {
        if (value is >= 0 and <= byte.MaxValue) return Opcode(BinInt1).Byte((byte)value);
        if (value is >= int.MinValue and <= int.MaxValue) return Opcode(BinInt).Int32((int)value);
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Opcode(Long1).Byte(sizeof(long));
        _bytes.Write(bytes);
        return this;
    }

    public PickleWriter Integers(IEnumerable<long> values)
    {
        Opcode(Mark);
        foreach (var value in values) Integer(value);
        return Opcode(PickleOpcode.Tuple);
    }

    private PickleWriter Byte(byte value)
    {
        _bytes.WriteByte(value);
        return this;
    }

    private PickleWriter Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }
}
